package dev.howdah.host.audit;

import dev.howdah.plugin.audit.AuditEvent;
import dev.howdah.plugin.audit.AuditPublisher;

/** Puts what one plugin publishes into the trail, under that plugin's name. Thread-safe. */
final class TrailPublisher implements AuditPublisher {

  private final AuditTrail trail;
  private final String plugin;
  private final String mode;

  TrailPublisher(AuditTrail trail, String plugin, String mode) {
    this.trail = trail;
    this.plugin = plugin;
    this.mode = mode;
  }

  @Override
  public void publish(AuditEvent event) {
    AuditEntry.Builder entry =
        AuditEntry.event(plugin, event.action()).mode(mode).intended(event.intended());
    event.cluster().ifPresent(at -> entry.cluster(at.namespace(), at.name(), at.uid()));
    event.object().ifPresent(at -> entry.object(at.group(), at.kind(), at.namespace(), at.name()));
    event.key().ifPresent(key -> entry.key(plugin + "/" + key));
    event.details().forEach(entry::detail);
    event.payload().ifPresent(payload -> entry.request(() -> payload));
    var unused = trail.record(entry.build());
  }
}
