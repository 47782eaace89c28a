package dev.howdah.host.doctor;

import java.time.Clock;
import java.util.Comparator;
import java.util.List;

/** Makes every check there is. */
final class Doctor {

  private final List<Check> checks;

  Doctor(Clock clock) {
    this.checks =
        List.of(
            new OperatorCheck(),
            new ServiceCheck(),
            new CertificateCheck(clock),
            new UnknownPluginCheck(),
            new SidecarCheck(),
            new EnricherCheck(),
            new ArchiveCheck());
  }

  /** What is wrong, the worst first. */
  List<Finding> examine(ClusterObjects objects) {
    return checks.stream()
        .flatMap(check -> check.examine(objects).stream())
        .sorted(Comparator.comparing(Finding::severity))
        .toList();
  }
}
