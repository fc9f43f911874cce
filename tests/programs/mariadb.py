"""MariaDB's InnoDB, with a cache smaller than its table, so that it writes and reads its file; as it is started to set a
database up, where it takes its statements from standard input and ends by itself."""

import stage as st

SERVER = "/usr/sbin/mariadbd"
ROWS = 512  # of 16 KiB: half a page of InnoDB's each, and the rest elsewhere

SETTINGS = ["--no-defaults", "--user=root", "--skip-networking", "--skip-log-bin", "--lc-messages-dir=/usr/share/mysql",
            "--innodb-flush-method=O_DIRECT", "--innodb-buffer-pool-size=6M", "--innodb-log-file-size=8M"]
TABLE = f"""
CREATE DATABASE gallery;
USE gallery;
CREATE TABLE entries (id INT PRIMARY KEY, text LONGTEXT) ENGINE=InnoDB;
INSERT INTO entries SELECT seq, REPEAT(CHAR(97 + seq % 26), 16000) FROM seq_1_to_{ROWS};
"""


def trace(stage):
    st.need(SERVER)
    folder = stage.scratch("mariadb")
    (folder / "data").mkdir()
    script, answer = folder / "script.sql", folder / "answer"
    script.write_text(TABLE + f"SELECT COUNT(*), SUM(LENGTH(text)) FROM entries INTO OUTFILE '{answer}';\n")
    with open(script, "rb") as statements:
        stage.run("mariadb", [SERVER, *SETTINGS, f"--datadir={folder}/data", "--bootstrap"], stdin=statements)
    assert answer.read_text().split() == [str(ROWS), str(16000 * ROWS)], answer.read_text()


PROGRAMS = {"mariadb": trace}
WHY = {"mariadb": {}}
