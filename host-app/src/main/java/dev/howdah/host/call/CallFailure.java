package dev.howdah.host.call;

import dev.howdah.host.catalog.PluginThreads;
import dev.howdah.host.guard.GuardViolation;
import dev.howdah.host.guard.StableMessage;
import dev.howdah.plugin.PluginException;
import io.grpc.Status;
import java.util.Locale;

/**
 * Turns whatever went wrong into the status that the caller gets: the only place where that is
 * decided. Messages are stable, since the operator writes them into the Cluster's status, and each
 * change there starts its next loop.
 *
 * @param status what the caller gets
 * @param kind for the metric
 * @param expected whether the plugin chose to fail this way; what it didn't choose is logged with
 *     its stack trace
 */
record CallFailure(Status status, String kind, boolean expected) {

  static CallFailure of(String plugin, Rpc rpc, Throwable cause) {
    return switch (cause) {
      case BadRequest bad ->
          new CallFailure(
              Status.INVALID_ARGUMENT.withDescription(
                  "%s can't be called like this: %s.".formatted(rpc.label(), bad.getMessage())),
              "bad-request",
              true);
      case NotOffered not ->
          new CallFailure(
              Status.UNIMPLEMENTED.withDescription(not.getMessage()), "not-offered", true);
      case GuardViolation violation ->
          new CallFailure(Status.INTERNAL.withDescription(violation.getMessage()), "guard", true);
      case PluginException failure ->
          new CallFailure(
              code(failure.kind())
                  .withDescription(
                      "%s: %s"
                          .formatted(
                              plugin,
                              StableMessage.of(failure.getMessage(), rpc.label() + " failed"))),
              failure.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'),
              true);
      case InterruptedException interrupted ->
          new CallFailure(
              Status.CANCELLED.withDescription(
                  "%s: %s was interrupted.".formatted(plugin, rpc.label())),
              "interrupted",
              true);
      default ->
          new CallFailure(
              Status.INTERNAL.withDescription(
                  "%s: %s failed unexpectedly; the host's log has the details."
                      .formatted(plugin, rpc.label())),
              "unexpected",
              false);
    };
  }

  static CallFailure busy(String plugin, PluginThreads threads) {
    return new CallFailure(
        Status.RESOURCE_EXHAUSTED.withDescription(
            "%s: all its threads are taken and its queue is full; look for hooks that hang, or raise howdah.plugins.<id>.limits."
                .formatted(plugin)),
        threads.stuck() > 0 ? "busy-stuck" : "busy",
        true);
  }

  static CallFailure late(String plugin, Rpc rpc, boolean begun) {
    return new CallFailure(
        Status.DEADLINE_EXCEEDED.withDescription(
            begun
                ? "%s: %s took longer than its time limit.".formatted(plugin, rpc.label())
                : "%s: %s waited for a free thread until its time limit."
                    .formatted(plugin, rpc.label())),
        begun ? "deadline" : "queued-too-long",
        true);
  }

  private static Status code(PluginException.Kind kind) {
    return switch (kind) {
      case NOT_FOUND -> Status.NOT_FOUND;
      case INVALID -> Status.INVALID_ARGUMENT;
      case PRECONDITION -> Status.FAILED_PRECONDITION;
      case UNAVAILABLE -> Status.UNAVAILABLE;
      case END_OF_STREAM -> Status.OUT_OF_RANGE;
      case INTERNAL -> Status.INTERNAL;
    };
  }
}
