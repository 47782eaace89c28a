package dev.howdah.sanity.check;

import dev.howdah.sanity.Check;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** All checks there are, in the order in which they run. */
public final class Catalogue {
  private static final List<Check> ALL = collect();

  private Catalogue() {}

  private static List<Check> collect() {
    List<Check> all =
        Stream.of(
                TlsChecks.all(),
                SocketChecks.all(),
                IdentityChecks.all(),
                CapabilityChecks.all(),
                OperatorChecks.all(),
                LifecycleChecks.all(),
                ReconcilerChecks.all(),
                PostgresChecks.all(),
                MetricsChecks.all(),
                WalChecks.all(),
                BackupChecks.all(),
                RestoreChecks.all(),
                TransportChecks.all(),
                HostChecks.all())
            .flatMap(List::stream)
            .toList();
    Set<String> ids = new HashSet<>();
    for (Check check : all) {
      if (!ids.add(check.id())) {
        throw new IllegalStateException("two checks are called " + check.id());
      }
    }
    return all;
  }

  /** Every check. */
  public static List<Check> all() {
    return ALL;
  }

  /**
   * The check of that id, if there is one.
   *
   * @param id such as {@code LIF-06}; case matters
   */
  public static Optional<Check> find(String id) {
    return ALL.stream().filter(check -> check.id().equals(id)).findFirst();
  }
}
