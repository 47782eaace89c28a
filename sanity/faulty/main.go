// Command faulty is a CNPG-I plugin that is right in everything, until one switch makes it wrong in
// one thing. It proves that the conformance tool finds what it claims to find, and therefore shares
// nothing with the tool but the wire.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

// settings are the command's flags.
type settings struct {
	fault   string
	sockets string
	address string
	tls     string
	store   string
	pgdata  string
	names   []string
	attach  bool
}

func main() {
	log.SetFlags(0)
	list := flag.Bool("list", false, "print the switches, tab-separated, and exit")
	var s settings
	flag.StringVar(&s.fault, "fault", "", "the switch to turn on")
	flag.StringVar(&s.sockets, "sockets", "", "folder to make sockets in")
	flag.StringVar(&s.address, "address", "", "address for TCP with mutual TLS")
	flag.StringVar(&s.tls, "tls", "", "folder to write certificates to")
	flag.StringVar(&s.store, "store", "", "folder for WAL files and backups")
	flag.StringVar(&s.pgdata, "pgdata", "", "folder to restore into")
	flag.BoolVar(&s.attach, "attached", false, "end when standard input does")
	names := flag.String("names", "", "comma-separated plugin names, for a host of several")
	flag.Parse()

	if *list {
		for _, each := range switches {
			fmt.Printf("%s\t%s\t%s\t%s\t%s\n", each.id, each.where, each.run, each.wire, strings.Join(each.follows, ","))
		}
		return
	}
	if s.fault != "" && !known(s.fault) {
		log.Fatalf("no switch is called %s", s.fault)
	}
	if *names != "" {
		s.names = strings.Split(*names, ",")
	}
	if err := run(s); err != nil {
		log.Fatal(err)
	}
}

func run(s settings) error {
	done := make(chan os.Signal, 1)
	signal.Notify(done, syscall.SIGTERM, syscall.SIGINT)
	if s.attach {
		// The program that started this one holds the other end; should it die, so does this one.
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			done <- syscall.SIGTERM
		}()
	}
	host := newHost(s)
	if err := host.listen(); err != nil {
		return err
	}
	if s.sockets == "" && s.address == "" {
		return nil // all that was wanted are certificates
	}
	<-done
	host.stop()
	return nil
}

// writeFile makes the file appear whole or not at all.
func writeFile(path string, content []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".part-*")
	if err != nil {
		return err
	}
	_, err = io.Copy(temporary, bytes.NewReader(content))
	err = errors.Join(err, temporary.Close())
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return os.Rename(temporary.Name(), path)
}
