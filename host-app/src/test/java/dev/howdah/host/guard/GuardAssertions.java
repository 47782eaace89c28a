package dev.howdah.host.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What every refusal has in common. */
final class GuardAssertions {

  private GuardAssertions() {}

  static GuardViolation assertRefused(String plugin, GuardRule rule, ThrowingCallable call) {
    Throwable first = catchThrowable(call);
    assertThat(first).as("refusal by " + rule).isInstanceOf(GuardViolation.class);
    GuardViolation violation = (GuardViolation) first;
    assertThat(violation.rule()).isEqualTo(rule);
    assertThat(violation.plugin()).isEqualTo(plugin);
    assertThat(violation)
        .hasMessageStartingWith("The answer of plugin '%s' was refused: ", plugin)
        .hasMessageEndingWith(".");
    assertThat(catchThrowable(call)).as("second time").hasMessage(violation.getMessage());
    return violation;
  }
}
