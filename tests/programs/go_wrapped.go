// ADDRESS FILE: sends the file to the first client through a writer that hides what it wraps, as counters and limiters
// do: io.Copy finds no ReaderFrom there, and copies through a buffer.
package main

import (
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"
)

type counted struct {
	io.Writer
	bytes int64
}

func (to *counted) Write(part []byte) (int, error) {
	to.bytes += int64(len(part))
	return to.Writer.Write(part)
}

func check(problem error) {
	if problem != nil {
		panic(problem)
	}
}

func main() {
	listener, problem := net.Listen("tcp", os.Args[1])
	check(problem)
	go func() {
		client, problem := listener.Accept()
		check(problem)
		file, problem := os.Open(os.Args[2])
		check(problem)
		_, problem = io.Copy(&counted{Writer: client}, struct{ io.Reader }{file})
		check(problem)
		check(client.Close())
	}()
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM)
	<-told
}
