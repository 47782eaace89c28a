package dev.howdah.host.admission;

import dev.howdah.host.audit.AuditTrail;
import dev.howdah.host.call.InnerCalls;
import dev.howdah.host.catalog.PluginCatalog;
import dev.howdah.host.changes.RecordedChanges;
import dev.howdah.plugin.ParameterBinder;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;

/** Puts the webhooks together. */
public final class Admission {

  private Admission() {}

  /**
   * Makes the webhooks.
   *
   * @param catalog every plugin
   * @param calls runs hooks
   * @param checks asks plugins about definitions
   * @param binder binds parameters
   * @param trail keeps who changed what; empty for none
   * @param noted is told of the changes that are in the trail
   * @param mode the host's mode, which records carry
   * @param meters takes the figures
   * @param limit until when a review is answered
   */
  public static AdmissionWebhooks webhooks(
      PluginCatalog catalog,
      InnerCalls calls,
      DefinitionChecks checks,
      ParameterBinder binder,
      Optional<AuditTrail> trail,
      RecordedChanges noted,
      String mode,
      MeterRegistry meters,
      Duration limit) {
    return new AdmissionWebhooks(
        new ClusterAdmission(catalog, calls, checks, binder),
        new ChangeRecorder(trail, noted, mode),
        meters,
        limit);
  }
}
