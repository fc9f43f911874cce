import org.apache.catalina.Context;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.startup.Tomcat;

/** PORT SCRATCH FILES: Tomcat as it comes, with its default servlet for the files of a folder. */
class TomcatServer {
    public static void main(String[] args) throws Exception {
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(args[1]);
        tomcat.setPort(Integer.parseInt(args[0]));
        Context files = tomcat.addContext("", args[2]);
        Tomcat.addServlet(files, "default", new DefaultServlet());
        files.addServletMappingDecoded("/", "default");
        tomcat.getConnector();
        tomcat.start();
        tomcat.getServer().await();
    }
}
