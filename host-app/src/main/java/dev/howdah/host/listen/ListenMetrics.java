package dev.howdah.host.listen;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The listeners' meters: turned-away connections by reason, the end of each certificate's validity,
 * and whether newer certificate files could not be used.
 *
 * <p>Every reason is there from the start with 0, so that an alert on an increase sees the first.
 */
public final class ListenMetrics implements ListenEvents {
  private final MeterRegistry registry;
  private final MultiGauge expiry;
  private final AtomicInteger reloadFailed = new AtomicInteger();

  /** Registers the meters. */
  public ListenMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.expiry = expiry(registry);
    Gauge.builder("howdah.tls.reload.failed", reloadFailed, AtomicInteger::get)
        .description("1 while the certificate files cannot be used and older content is in use")
        .register(registry);
    for (Refusal reason : Refusal.values()) {
      refusals("tcp", reason);
    }
    refusals("socket", Refusal.PROTOCOL);
    refusals("socket", Refusal.TIMEOUT);
    refusals("socket", Refusal.TOO_MANY_CONNECTIONS);
    refusals("socket", Refusal.ABORTED);
  }

  /**
   * What the admission webhooks' listener reports: certificates of role {@code webhook}, and
   * whether newer files of theirs could not be used.
   */
  public ListenEvents ofWebhooks() {
    MultiGauge webhookExpiry = expiry(registry);
    AtomicInteger failed = new AtomicInteger();
    Gauge.builder("howdah.admission.tls.reload.failed", failed, AtomicInteger::get)
        .description("1 while the webhooks' certificate files cannot be used")
        .strongReference(true)
        .register(registry);
    for (Refusal reason : Refusal.values()) {
      refusals("https", reason);
    }
    return new ListenEvents() {
      @Override
      public void refused(String listener, Refusal reason) {
        ListenMetrics.this.refused(listener, reason);
      }

      @Override
      public void tlsChanged(TlsStatus status) {
        failed.set(status.problem().isPresent() ? 1 : 0);
        webhookExpiry.register(List.of(row("webhook", status.server())), true);
      }
    };
  }

  private static MultiGauge expiry(MeterRegistry registry) {
    return MultiGauge.builder("howdah.tls.certificate.expiry.timestamp")
        .description("When the certificate expires, in seconds since 1970")
        .baseUnit("seconds")
        .register(registry);
  }

  private Counter refusals(String listener, Refusal reason) {
    return Counter.builder("howdah.connections.refused")
        .description("Connections that were turned away before any call")
        .tag("listener", listener)
        .tag("reason", reason.tag())
        .register(registry);
  }

  @Override
  public void refused(String listener, Refusal reason) {
    refusals(listener, reason).increment();
  }

  @Override
  public void tlsChanged(TlsStatus status) {
    reloadFailed.set(status.problem().isPresent() ? 1 : 0);
    List<MultiGauge.Row<?>> rows = new ArrayList<>();
    rows.add(row("server", status.server()));
    status.trusted().forEach(certificate -> rows.add(row("trusted", certificate)));
    expiry.register(rows, true);
  }

  private static MultiGauge.Row<?> row(String role, TlsStatus.Certificate certificate) {
    return MultiGauge.Row.of(
        Tags.of(
            "role", role, "subject", certificate.subject(), "serial", certificate.serialNumber()),
        certificate.notAfter().getEpochSecond());
  }
}
