package dev.howdah.host.call;

import io.grpc.Context;
import java.util.UUID;

/**
 * The id that a call's record in the audit trail has, known from the call's beginning on so that
 * log lines can name it; travels in the gRPC context. Empty where there is no trail.
 */
final class AuditId {

  private static final Context.Key<String> KEY = Context.key("howdah-audit");

  private AuditId() {}

  /** A context with a new id. */
  static Context in(Context context) {
    return context.withValue(KEY, UUID.randomUUID().toString());
  }

  /** The current call's. */
  static String current() {
    return of(Context.current());
  }

  /** The one in a context. */
  static String of(Context context) {
    String id = KEY.get(context);
    return id == null ? "" : id;
  }
}
