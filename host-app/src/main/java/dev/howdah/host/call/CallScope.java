package dev.howdah.host.call;

import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.listen.Connection;
import io.grpc.Context;

/**
 * What is known of a call once it is routed; travels in the gRPC context.
 *
 * @param plugin the plugin it is for
 * @param service the gRPC service's short name, such as {@code WAL}
 * @param method the method's name
 * @param connection the connection it came in on
 * @param memory what that connection has asked before
 */
public record CallScope(
    PluginHandle plugin,
    String service,
    String method,
    Connection connection,
    ConnectionMemory memory) {

  /** Where it is in the gRPC context. */
  static final Context.Key<CallScope> KEY = Context.key("howdah-call");

  /**
   * The scope of the call that the current thread works on.
   *
   * @throws IllegalStateException outside of a routed call, which only a mistake in the pipeline's
   *     order can bring about
   */
  public static CallScope current() {
    CallScope scope = KEY.get();
    if (scope == null) {
      throw new IllegalStateException("This call was not routed.");
    }
    return scope;
  }
}
