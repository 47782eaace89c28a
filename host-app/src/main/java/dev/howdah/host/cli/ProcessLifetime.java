package dev.howdah.host.cli;

import org.springframework.context.ConfigurableApplicationContext;
import sun.misc.Signal;

/**
 * Ends the process as a user of a terminal, and Kubernetes, expect: the first Ctrl-C or SIGTERM
 * stops in good order and exits with 0, since nothing went wrong; a second Ctrl-C ends it at once.
 */
final class ProcessLifetime {

  private static final int INTERRUPTED = 130;

  private ProcessLifetime() {}

  /** Ties the process's life to a context's. */
  static void follow(ConfigurableApplicationContext context) {
    Runnable stop = stopOnce(context);
    Signal.handle(new Signal("TERM"), signal -> stop.run());
    Signal.handle(new Signal("INT"), signal -> stop.run());
  }

  private static Runnable stopOnce(ConfigurableApplicationContext context) {
    return new Runnable() {
      private boolean stopping;

      @Override
      public synchronized void run() {
        if (stopping) {
          Runtime.getRuntime().halt(INTERRUPTED);
        }
        stopping = true;
        Thread.ofPlatform()
            .name("howdah-stop")
            .start(
                () -> {
                  context.close();
                  Runtime.getRuntime().exit(0);
                });
      }
    };
  }
}
