package dev.howdah.plugins.configuration.plan;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugins.configuration.profile.Machine;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Reads from a Cluster what its instances run on: the limits of {@code spec.resources}, else the
 * requests. A limit without a request is a request, too.
 */
final class ClusterMachine {

  private final Cluster cluster;

  ClusterMachine(Cluster cluster) {
    this.cluster = cluster;
  }

  /** The machine; empty if neither the Cluster nor the wish says how much memory there is. */
  Optional<Machine> read(TuningWish wish) {
    Optional<Long> memory =
        wish.memory()
            .map(ClusterMachine::amount)
            .or(() -> resource("limits", "memory"))
            .or(() -> resource("requests", "memory"))
            .map(amount -> amount.longValue() - amount(wish.reservedMemory()).longValue());
    if (memory.isEmpty()) {
      return Optional.empty();
    }
    if (memory.get() <= 0) {
      throw new PluginException(
          PluginException.Kind.INVALID,
          "reservedMemory of the plugin configuration.howdah.dev leaves no memory to PostgreSQL;"
              + " lower it or raise spec.resources.limits.memory.");
    }
    boolean ownWalVolume = cluster.at("spec", "walStorage").isObject();
    return Optional.of(
        new Machine(
            memory.get(),
            cpus(wish),
            wish.storage(),
            volume(ownWalVolume ? "walStorage" : "storage"),
            !ownWalVolume,
            request(),
            resource("limits", "hugepages-2Mi").isPresent()
                || resource("limits", "hugepages-1Gi").isPresent()
                || resource("requests", "hugepages-2Mi").isPresent()
                || resource("requests", "hugepages-1Gi").isPresent()));
  }

  private OptionalInt cpus(TuningWish wish) {
    Optional<BigDecimal> cpu =
        wish.cpu()
            .map(ClusterMachine::amount)
            .or(() -> resource("limits", "cpu"))
            .or(() -> resource("requests", "cpu"));
    return cpu.isPresent()
        ? OptionalInt.of(Math.max(1, cpu.get().setScale(0, RoundingMode.CEILING).intValue()))
        : OptionalInt.empty();
  }

  private OptionalLong request() {
    Optional<BigDecimal> request = resource("requests", "memory");
    return request.isPresent() ? OptionalLong.of(request.get().longValue()) : OptionalLong.empty();
  }

  private OptionalLong volume(String part) {
    Optional<BigDecimal> size =
        quantity("spec", part, "size")
            .or(() -> quantity("spec", part, "pvcTemplate", "resources", "requests", "storage"));
    return size.isPresent() ? OptionalLong.of(size.get().longValue()) : OptionalLong.empty();
  }

  private Optional<BigDecimal> resource(String kind, String name) {
    return quantity("spec", "resources", kind, name);
  }

  private Optional<BigDecimal> quantity(String... path) {
    // Both "4" and 4 are quantities in a manifest.
    String text = cluster.at(path).asString("");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(amount(new Quantity(text)));
    } catch (IllegalArgumentException e) {
      throw new PluginException(
          PluginException.Kind.INVALID,
          "%s is '%s', which is not a quantity.".formatted(String.join(".", path), text),
          e);
    }
  }

  private static BigDecimal amount(Quantity quantity) {
    return Quantity.getAmountInBytes(quantity);
  }
}
