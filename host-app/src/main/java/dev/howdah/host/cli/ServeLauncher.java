package dev.howdah.host.cli;

import java.util.List;

/** Starts the host in this process. It is the only way from the command line into Spring. */
@FunctionalInterface
public interface ServeLauncher {

  /**
   * Starts the host and returns once it serves; threads of its own keep the process alive.
   *
   * @param springArguments Spring command line arguments, {@code --key=value}, only those that the
   *     user gave, so that environment and configuration files keep their say in everything else
   * @return stops the host again
   */
  AutoCloseable launch(List<String> springArguments);
}
