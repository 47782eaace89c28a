package dev.howdah.host.actuate;

import dev.howdah.host.HostEndpoint;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Whether the doors are open, and whether the certificates that lie there are the ones in use. */
@Component("listeners")
class ListenersHealth implements HealthIndicator {

  private final HostEndpoint endpoint;

  ListenersHealth(HostEndpoint endpoint) {
    this.endpoint = endpoint;
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
    return health.build();
  }
}
