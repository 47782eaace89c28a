package dev.howdah.host.cli;

/** What the commands' exit codes mean; scripts rely on them. */
final class ExitCode {

  static final int OK = 0;

  /** The host or a plugin answered with an error. */
  static final int ERROR = 1;

  /** The command line or a file it names is wrong; nothing was sent. */
  static final int USAGE = 2;

  /** No connection came about: nothing listens, or TLS failed. */
  static final int CANNOT_CONNECT = 3;

  static final String HEADING = "%nExit codes:%n";
  static final String OK_TEXT = "0:all answered without an error";
  static final String ERROR_TEXT = "1:the host or a plugin answered with an error";
  static final String USAGE_TEXT = "2:the command line or a file it names is wrong";
  static final String CANNOT_CONNECT_TEXT = "3:no connection to the host";

  private ExitCode() {}
}
