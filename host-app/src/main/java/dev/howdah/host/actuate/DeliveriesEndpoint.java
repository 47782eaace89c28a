package dev.howdah.host.actuate;

import dev.howdah.host.delivery.Deliveries;
import dev.howdah.host.delivery.DeliveryReport;
import java.util.Collection;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.stereotype.Component;

/** {@code /actuator/deliveries}: what this replica wrote into Clusters, and what not and why. */
@Component
@Endpoint(id = "deliveries")
public class DeliveriesEndpoint {

  private final Deliveries deliveries;

  DeliveriesEndpoint(Deliveries deliveries) {
    this.deliveries = deliveries;
  }

  /**
   * All there is to say.
   *
   * @param active whether this host writes at all
   * @param waiting Clusters that wait to be looked at
   * @param clusters what became of each that had wishes
   */
  public record View(boolean active, int waiting, Collection<DeliveryReport> clusters) {}

  /** Every Cluster that this replica looked at lately. */
  @ReadOperation
  public View deliveries() {
    return new View(deliveries.active(), deliveries.waiting(), deliveries.reports());
  }
}
