package dev.howdah.host;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Keeps Spring Boot from logging the stack trace of a start that failed for a reason that can be
 * told in two sentences; whoever started the host tells them, as the terminal does. Where logs are
 * JSON they are an event as well: there a machine reads. With the host's log at {@code debug}, and
 * for what nobody foresaw, the stack trace is logged.
 *
 * <p>Named in {@code META-INF/spring.factories}, so that it is there in every mode.
 */
final class StartFailureReporter implements SpringBootExceptionReporter {

  private static final Logger LOG = LoggerFactory.getLogger(StartFailureReporter.class);

  private final @Nullable ConfigurableApplicationContext context;

  /**
   * Made by Spring Boot when a start has failed.
   *
   * @param context what failed to start; null if it didn't come so far
   */
  StartFailureReporter(@Nullable ConfigurableApplicationContext context) {
    this.context = context;
  }

  @Override
  public boolean reportException(Throwable failure) {
    Optional<String> reason = StartFailure.explain(failure);
    if (context == null) {
      // Nothing is logged yet; Spring Boot knows a way for what nobody foresaw.
      return reason.isPresent();
    }
    if (reason.isEmpty()) {
      LOG.atError().setCause(failure).log("The host did not start");
      return true;
    }
    if (logsJson(context)) {
      LOG.error("The host did not start: {}", reason.get());
    }
    LOG.atDebug().setCause(failure).log("What the start ended with");
    return true;
  }

  private static boolean logsJson(ConfigurableApplicationContext context) {
    return !context.getEnvironment().getProperty("logging.structured.format.console", "").isEmpty();
  }
}
