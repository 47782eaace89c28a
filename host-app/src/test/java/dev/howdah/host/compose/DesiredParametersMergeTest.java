package dev.howdah.host.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.host.compose.DesiredParameters.Choice;
import dev.howdah.host.compose.DesiredParameters.Wish;
import dev.howdah.host.compose.DesiredParametersMerge.Wishes;
import dev.howdah.host.guard.ConfigurationGuard;
import dev.howdah.host.guard.GuardRule;
import dev.howdah.host.guard.GuardViolation;
import dev.howdah.plugin.postgres.ParameterLayer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class DesiredParametersMergeTest {

  private final DesiredParametersMerge merge = new DesiredParametersMerge(new ConfigurationGuard());

  @Test
  void policyIsHeardBeforeLoggingAndLoggingBeforeProfiles() {
    DesiredParameters merged =
        merge.merge(
            List.of(
                wishes("a", ParameterLayer.PROFILE, "work_mem", "1MB"),
                wishes("b", ParameterLayer.LOGGING, "work_mem", "2MB"),
                wishes("c", ParameterLayer.POLICY, "work_mem", "3MB")),
            Set.of());

    assertThat(merged.values()).containsExactly(Map.entry("work_mem", "3MB"));
    assertThat(merged.chosen().get("work_mem"))
        .isEqualTo(
            new Choice(
                new Wish("c", ParameterLayer.POLICY, "3MB"),
                List.of(
                    new Wish("b", ParameterLayer.LOGGING, "2MB"),
                    new Wish("a", ParameterLayer.PROFILE, "1MB"))));
    assertThat(merged.chosen().get("work_mem").conflict()).isFalse();
  }

  @Test
  void inOneLayerTheNameThatSortsFirstWinsAndTheConflictShows() {
    DesiredParameters merged =
        merge.merge(
            List.of(
                wishes("b", ParameterLayer.PROFILE, "jit", "on"),
                wishes("a", ParameterLayer.PROFILE, "jit", "off")),
            Set.of());

    assertThat(merged.values()).containsExactly(Map.entry("jit", "off"));
    assertThat(merged.chosen().get("jit").conflict()).isTrue();
  }

  @Test
  void twoThatWantTheSameAreNoConflict() {
    DesiredParameters merged =
        merge.merge(
            List.of(
                wishes("b", ParameterLayer.PROFILE, "jit", "off"),
                wishes("a", ParameterLayer.PROFILE, "jit", "off")),
            Set.of());

    assertThat(merged.chosen().get("jit").conflict()).isFalse();
  }

  @Test
  void whatTheUserSetIsLeftAloneWhateverItsCase() {
    DesiredParameters merged =
        merge.merge(
            List.of(wishes("a", ParameterLayer.POLICY, "Work_Mem", "1MB")), Set.of("work_MEM"));

    assertThat(merged.values()).isEmpty();
    assertThat(merged.leftToUser()).containsOnlyKeys("work_mem");
  }

  @Test
  void aFixedParameterIsRefusedAndItsPluginNamed() {
    assertThatThrownBy(
            () ->
                merge.merge(
                    List.of(wishes("a", ParameterLayer.POLICY, "archive_command", "x")), Set.of()))
        .isInstanceOf(GuardViolation.class)
        .hasMessageContaining("'a'")
        .extracting(failure -> ((GuardViolation) failure).rule())
        .isEqualTo(GuardRule.CONFIGURATION_FIXED);
  }

  @Test
  void withoutWishesNothingIsSet() {
    assertThat(merge.merge(List.of(), Set.of("work_mem")).values()).isEmpty();
  }

  @Property(tries = 300)
  void theOrderOfPluginsMakesNoDifferenceAndUsersAlwaysWin(
      @ForAll("wishLists") List<Wishes> wishes,
      @ForAll("userKeys") Set<String> users,
      @ForAll Random random) {
    List<Wishes> shuffled = new ArrayList<>(wishes);
    Collections.shuffle(shuffled, random);

    DesiredParameters merged = merge.merge(wishes, users);

    assertThat(merge.merge(shuffled, users)).isEqualTo(merged);
    assertThat(users).noneMatch(merged.chosen()::containsKey);
    merged
        .chosen()
        .forEach(
            (name, choice) ->
                assertThat(choice.losers())
                    .allMatch(loser -> choice.winner().layer().compareTo(loser.layer()) <= 0));
  }

  @Provide
  Arbitrary<List<Wishes>> wishLists() {
    Arbitrary<Map<String, String>> parameters =
        Arbitraries.maps(names(), Arbitraries.of("1", "2", "3")).ofMaxSize(4);
    Arbitrary<Wishes> wishes =
        Combinators.combine(
                Arbitraries.of("a", "b", "c", "d", "e"),
                Arbitraries.of(ParameterLayer.class),
                parameters)
            .as(Wishes::new);
    return wishes.list().ofMaxSize(5).uniqueElements(Wishes::plugin);
  }

  @Provide
  Arbitrary<Set<String>> userKeys() {
    return names().set().ofMaxSize(3);
  }

  private static Arbitrary<String> names() {
    return Arbitraries.of("work_mem", "jit", "pgaudit.log", "max_wal_size", "random_page_cost");
  }

  private static Wishes wishes(String plugin, ParameterLayer layer, String name, String value) {
    return new Wishes(plugin, layer, Map.of(name, value));
  }
}
