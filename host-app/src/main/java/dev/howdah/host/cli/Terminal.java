package dev.howdah.host.cli;

import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * Where a command reads and writes.
 *
 * @param in what {@code -} stands for
 * @param out answers, fit for a pipe
 * @param err everything that is said about them
 */
record Terminal(InputStream in, PrintWriter out, PrintWriter err) {

  static Terminal ofProcess() {
    return new Terminal(
        System.in,
        new PrintWriter(System.out, true, charset(System.out.charset())),
        new PrintWriter(System.err, true, charset(System.err.charset())));
  }

  /** A POSIX locale makes the JDK write question marks for what JSON may hold unescaped. */
  private static Charset charset(Charset ofStream) {
    return ofStream.equals(StandardCharsets.US_ASCII) ? StandardCharsets.UTF_8 : ofStream;
  }
}
