package dev.howdah.host.call;

import dev.howdah.host.listen.Connection;
import dev.howdah.host.route.Router;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * First step: finds the plugin of a call. Services that aren't of the plugin protocol (health,
 * reflection) need none and pass.
 */
final class RouteStep implements ServerInterceptor {

  /** Names the plugin for tools that can't set a server name. */
  static final Metadata.Key<String> HEADER =
      Metadata.Key.of("howdah-plugin", Metadata.ASCII_STRING_MARSHALLER);

  private static final Logger LOG = LoggerFactory.getLogger(RouteStep.class);
  private static final String PROTOCOL = "cnpgi.";

  private final Router router;
  private final MeterRegistry meters;
  private final boolean audited;

  /**
   * Makes the step.
   *
   * @param router finds plugins
   * @param meters counts what is refused
   * @param audited whether calls get an {@link AuditId}
   */
  RouteStep(Router router, MeterRegistry meters, boolean audited) {
    this.router = router;
    this.meters = meters;
    this.audited = audited;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    MethodDescriptor<Q, A> method = call.getMethodDescriptor();
    String service = method.getServiceName();
    if (service == null || !service.startsWith(PROTOCOL)) {
      return next.startCall(call, headers);
    }
    Connection connection = Connection.of(call);
    return switch (router.decide(connection, call.getAuthority(), headers.get(HEADER))) {
      case Router.Decision.To to -> {
        CallScope scope =
            new CallScope(
                to.plugin(),
                service.substring(service.lastIndexOf('.') + 1),
                bareName(method.getBareMethodName()),
                connection,
                ConnectionMemory.of(call.getAttributes()));
        Context context = Context.current().withValue(CallScope.KEY, scope);
        yield Contexts.interceptCall(audited ? AuditId.in(context) : context, call, headers, next);
      }
      case Router.Decision.No no -> {
        meters.counter("howdah.calls.refused", "reason", no.refused().reason()).increment();
        LOG.atWarn()
            .addKeyValue("reason", no.refused().reason())
            .addKeyValue("method", method.getFullMethodName())
            .addKeyValue("connection", connection)
            .log("Refused a call: {}", no.refused().status().getDescription());
        call.close(no.refused().status(), new Metadata());
        yield new ServerCall.Listener<>() {};
      }
    };
  }

  private static String bareName(@Nullable String name) {
    return name == null ? "" : name;
  }
}
