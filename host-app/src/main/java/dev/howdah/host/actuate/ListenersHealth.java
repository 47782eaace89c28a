package dev.howdah.host.actuate;

import dev.howdah.host.AdmissionEndpoint;
import dev.howdah.host.HostEndpoint;
import dev.howdah.host.listen.TlsStatus;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Whether the doors are open, and whether the certificates that lie there are the ones in use. */
@Component("listeners")
class ListenersHealth implements HealthIndicator {

  private final HostEndpoint endpoint;
  private final AdmissionEndpoint admission;

  ListenersHealth(HostEndpoint endpoint, AdmissionEndpoint admission) {
    this.endpoint = endpoint;
    this.admission = admission;
  }

  @Override
  public Health health() {
    if (!endpoint.isRunning()) {
      return Health.down().withDetail("listening", false).build();
    }
    Health.Builder health = Health.up();
    endpoint.tcpAddress().ifPresent(address -> health.withDetail("tcp", address.toString()));
    health.withDetail("sockets", endpoint.sockets().size());
    endpoint
        .tls()
        .ifPresent(
            tls -> {
              health.withDetail("certificateNotAfter", tls.server().notAfter().toString());
              tls.problem().ifPresent(problem -> health.withDetail("certificateProblem", problem));
            });
    admission.address().ifPresent(it -> health.withDetail("admission", it.toString()));
    admission
        .tls()
        .flatMap(TlsStatus::problem)
        .ifPresent(problem -> health.withDetail("admissionCertificateProblem", problem));
    return health.build();
  }
}
