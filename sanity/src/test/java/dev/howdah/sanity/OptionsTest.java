package dev.howdah.sanity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.sanity.check.Catalogue;
import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTest {
  private static Check check(String id) {
    return Catalogue.find(id).orElseThrow();
  }

  @Test
  void aPrefixChoosesItsAreaAndNoOtherThatBeginsAlike() {
    Options options = Options.defaults().withInclude(List.of("PG"));

    assertThat(options.chooses(check("PG-01"))).isTrue();
    assertThat(options.chooses(check("ID-01"))).isFalse();
  }

  @Test
  void excludingWinsOverIncluding() {
    Options options = Options.defaults().withInclude(List.of("LIF")).withExclude(List.of("LIF-06"));

    assertThat(options.chooses(check("LIF-05"))).isTrue();
    assertThat(options.chooses(check("LIF-06"))).isFalse();
  }

  @Test
  void theLevelLeavesOutWhatIsWeaker() {
    Options options = Options.defaults().withLevel(Level.OPERATOR);

    assertThat(options.chooses(check("ID-02"))).isTrue();
    assertThat(options.chooses(check("ID-05"))).isFalse();
  }

  @Test
  void versionsCompareByNumberAndTheNewestIsAssumed() {
    assertThat(Options.defaults().operatorSince("1.31")).isTrue();
    assertThat(Options.defaults().withOperatorVersion("1.9").operatorSince("1.28")).isFalse();
    assertThat(Options.defaults().withOperatorVersion("1.30.1").operatorSince("1.30")).isTrue();
  }

  @Test
  void oneRepeatProvesNothing() {
    assertThatThrownBy(() -> Options.defaults().withRepeat(1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
