package dev.howdah.host.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class GuardViolationsTest {

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final GuardViolations violations = new GuardViolations(meters);

  @Test
  void eachViolationIsCountedByPluginAndRule() {
    violations.record(violation("a.example.com", "one."));
    violations.record(violation("a.example.com", "one."));
    violations.record(violation("b.example.com", "one."));

    assertThat(count("a.example.com")).isEqualTo(2);
    assertThat(count("b.example.com")).isEqualTo(1);
  }

  @Test
  void oneOfAKindIsLoggedOnce(CapturedOutput output) {
    for (int i = 0; i < 3; i++) {
      violations.record(violation("c.example.com", "it names one."));
      violations.record(violation("c.example.com", "it names two."));
    }

    assertThat(output.getAll()).containsOnlyOnce("it names one.").containsOnlyOnce("it names two.");
  }

  @Test
  void memoryIsBoundedAndCountingGoesOn() {
    for (int i = 0; i < 3_000; i++) {
      violations.record(violation("d.example.com", "number " + i + "."));
    }

    assertThat(count("d.example.com")).isEqualTo(3_000);
    assertThat(violations.remembered()).isEqualTo(1_000);
  }

  private double count(String plugin) {
    return meters
        .get("howdah.guard.violations")
        .tag("plugin", plugin)
        .tag("rule", "patch-identity")
        .counter()
        .count();
  }

  private static GuardViolation violation(String plugin, String problem) {
    return new GuardViolation(plugin, GuardRule.PATCH_IDENTITY, problem);
  }
}
