package dev.howdah.host.trace;

import dev.howdah.host.call.CallScope;
import dev.howdah.host.call.CallTracing;
import io.grpc.Metadata;
import io.grpc.Status;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One span for each call, sent in batches over OTLP with HTTP and protobuf. A caller's {@code
 * traceparent} makes the span a part of the caller's trace and decides whether it is kept.
 *
 * <p>A collector that is away costs spans, never a call: what the queue can't take is dropped.
 * Thread-safe.
 */
public final class OtlpTracing implements CallTracing, AutoCloseable {

  private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("rpc.system");
  private static final AttributeKey<String> SERVICE = AttributeKey.stringKey("rpc.service");
  private static final AttributeKey<String> METHOD = AttributeKey.stringKey("rpc.method");
  private static final AttributeKey<Long> CODE = AttributeKey.longKey("rpc.grpc.status_code");
  private static final AttributeKey<String> PLUGIN = AttributeKey.stringKey("howdah.plugin");
  private static final AttributeKey<String> CLUSTER = AttributeKey.stringKey("howdah.cluster");
  private static final AttributeKey<String> MODE = AttributeKey.stringKey("howdah.mode");
  private static final AttributeKey<String> NAME = AttributeKey.stringKey("service.name");

  private static final Duration EXPORT_LIMIT = Duration.ofSeconds(5);

  private final SdkTracerProvider provider;
  private final Tracer tracer;

  /**
   * Sets it up; nothing is sent until there is a call.
   *
   * @param endpoint the collector, with the path, usually {@code /v1/traces}
   * @param sampling the share of traces that are kept where the caller doesn't decide, 0 to 1
   * @param interval how often spans are sent
   * @param mode the host's mode, an attribute of all spans
   */
  public OtlpTracing(URI endpoint, double sampling, Duration interval, String mode) {
    OtlpHttpSpanExporter exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(endpoint.toString())
            .setTimeout(EXPORT_LIMIT)
            .build();
    this.provider =
        SdkTracerProvider.builder()
            .setResource(Resource.create(Attributes.of(NAME, "howdah", MODE, mode)))
            .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(sampling)))
            .addSpanProcessor(
                BatchSpanProcessor.builder(exporter).setScheduleDelay(interval).build())
            .build();
    this.tracer = provider.get("dev.howdah");
  }

  @Override
  public CallSpan begin(CallScope scope, Metadata headers) {
    Context caller =
        W3CTraceContextPropagator.getInstance()
            .extract(Context.root(), headers, HeaderGetter.INSTANCE);
    return new OneSpan(
        builder(scope.plugin().name(), scope.service(), scope.method())
            .setParent(caller)
            .setSpanKind(SpanKind.SERVER)
            .setAttribute(SYSTEM, "grpc")
            .startSpan());
  }

  @Override
  public CallSpan begin(String plugin, String service, String method) {
    return new OneSpan(builder(plugin, service, method).setNoParent().startSpan());
  }

  private SpanBuilder builder(String plugin, String service, String method) {
    return tracer
        .spanBuilder(service + "/" + method)
        .setAttribute(SERVICE, service)
        .setAttribute(METHOD, method)
        .setAttribute(PLUGIN, plugin);
  }

  /** Sends what waits, for as long as a collector may take. */
  @Override
  public void close() {
    var unused = provider.shutdown().join(EXPORT_LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  private record OneSpan(Span span) implements CallSpan {

    @Override
    public String traceId() {
      return span.getSpanContext().getTraceId();
    }

    @Override
    public String spanId() {
      return span.getSpanContext().getSpanId();
    }

    @Override
    public void cluster(String name) {
      span.setAttribute(CLUSTER, name);
    }

    @Override
    public void end(Status status) {
      span.setAttribute(CODE, (long) status.getCode().value());
      if (!status.isOk()) {
        String description = status.getDescription();
        span.setStatus(
            StatusCode.ERROR, description == null ? status.getCode().name() : description);
      }
      span.end();
    }
  }

  private enum HeaderGetter implements TextMapGetter<Metadata> {
    INSTANCE;

    @Override
    public Iterable<String> keys(Metadata headers) {
      return Set.copyOf(headers.keys());
    }

    @Override
    public @Nullable String get(@Nullable Metadata headers, String key) {
      return headers == null
          ? null
          : headers.get(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER));
    }
  }
}
