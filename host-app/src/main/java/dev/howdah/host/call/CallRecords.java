package dev.howdah.host.call;

import dev.howdah.host.audit.AuditEntry;
import dev.howdah.host.audit.AuditReceipt;
import dev.howdah.host.audit.AuditTrail;
import dev.howdah.host.listen.Connection;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;

/** Puts gRPC calls into the audit trail. Thread-safe. */
final class CallRecords {

  /** The answer where a rule wants the record first and the trail can't keep it. */
  static final Status UNWRITTEN =
      Status.UNAVAILABLE.withDescription(
          "The audit trail can't be written, and a rule asks for it before the answer; see the"
              + " host's log and health.");

  private final AuditTrail trail;
  private final String mode;

  /**
   * Makes it.
   *
   * @param trail keeps the records
   * @param mode the host's mode, which records carry
   */
  CallRecords(AuditTrail trail, String mode) {
    this.trail = trail;
    this.mode = mode;
  }

  /** Begins a record with what is known of every call. */
  AuditEntry.Builder entry(
      CallScope scope,
      String id,
      MethodDescriptor<?, ?> method,
      Instant time,
      long latencyNanos,
      Status.Code code) {
    return AuditEntry.call(
            scope.plugin().name(), String.valueOf(method.getServiceName()), scope.method())
        .id(id)
        .time(time)
        .latency(Duration.ofNanos(latencyNanos))
        .mode(mode)
        .caller(caller(scope.connection()))
        .outcome(code.name());
  }

  AuditReceipt keep(AuditEntry entry) {
    return trail.record(entry);
  }

  private static String caller(Connection connection) {
    return switch (connection) {
      case Connection.Tcp tcp -> tcp.clientSubject();
      case Connection.Socket socket -> "socket:" + socket.pluginName();
    };
  }
}
