package dev.howdah.host.cli;

/** Ends a command with a message for the terminal and an exit code, without a stack trace. */
final class CommandFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int exitCode;

  private CommandFailure(int exitCode, String message) {
    super(message, null, false, false);
    this.exitCode = exitCode;
  }

  static CommandFailure usage(String message) {
    return new CommandFailure(ExitCode.USAGE, message);
  }

  static CommandFailure error(String message) {
    return new CommandFailure(ExitCode.ERROR, message);
  }

  static CommandFailure cannotConnect(String message) {
    return new CommandFailure(ExitCode.CANNOT_CONNECT, message);
  }

  int exitCode() {
    return exitCode;
  }

  String text() {
    String message = getMessage();
    return message == null ? "" : message;
  }
}
