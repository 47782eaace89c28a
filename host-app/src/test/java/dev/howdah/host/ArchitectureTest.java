package dev.howdah.host;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Import;
import org.springframework.stereotype.Component;

/** Who may know whom. */
class ArchitectureTest {

  private static JavaClasses everything;

  @BeforeAll
  static void read() {
    everything =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.howdah");
  }

  @Test
  void thePluginApiDragsNoFrameworkAlong() {
    noClasses()
        .that()
        .resideInAPackage("dev.howdah.plugin..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.springframework..",
            "io.grpc..",
            "com.google.protobuf..",
            "dev.howdah.host..",
            "dev.howdah.proto..")
        .check(everything);
  }

  @Test
  void noPluginKnowsTheHostOrTheWire() {
    noClasses()
        .that()
        .resideInAPackage("dev.howdah.plugins..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.howdah.host..", "dev.howdah.proto..", "io.grpc..")
        .check(everything);
  }

  @Test
  void theHostKnowsNoPluginByClass() {
    noClasses()
        .that()
        .resideInAPackage("dev.howdah.host..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.howdah.plugins..")
        .check(everything);
  }

  @Test
  void onlyTheServicesAndTheCommandLineSpeakTheWire() {
    noClasses()
        .that()
        .resideInAPackage("dev.howdah.host..")
        .and()
        .resideOutsideOfPackages("dev.howdah.host.service..", "dev.howdah.host.cli..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.howdah.proto..")
        .check(everything);
  }

  @Test
  void roomsDontGoRoundInCircles() {
    slices()
        .matching("dev.howdah.host.(*)..")
        .should()
        .beFreeOfCycles()
        .check(everything.that(resideInAPackage("dev.howdah.host.*..")));
  }

  /** Nothing is scanned for: a bean that no configuration names would be missing in silence. */
  @Test
  void everyComponentIsNamedByAConfiguration() {
    Set<String> named = new HashSet<>();
    collect(HowdahApplication.class, named);

    assertThat(everything.that(resideInAPackage("dev.howdah.host..")))
        .filteredOn(it -> it.isMetaAnnotatedWith(Component.class))
        .extracting(JavaClass::getName)
        .isNotEmpty()
        .allMatch(named::contains);
  }

  private static void collect(Class<?> configuration, Set<String> named) {
    named.add(configuration.getName());
    Import imports = configuration.getAnnotation(Import.class);
    if (imports != null) {
      for (Class<?> imported : imports.value()) {
        collect(imported, named);
      }
    }
  }

  /** The rooms at the bottom, with the ones that each of them may know. */
  @Test
  void theRoomsAtTheBottomStayThere() {
    mayKnow("route", "catalog", "listen");
    mayKnow("catalog", "config");
    mayKnow("compose", "guard");
    mayKnow("config");
    mayKnow("guard");
    mayKnow("listen", "config");
    mayKnow("parameters");
  }

  /** It opens what it is told to, for tools and benchmarks as well, and reads no settings. */
  @Test
  void theListenersTakeChoicesFromTheConfigurationAndNothingElse() {
    noClasses()
        .that()
        .resideInAPackage("dev.howdah.host.listen..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.howdah.host.config..").and(not(JavaClass.Predicates.ENUMS)))
        .check(everything);
  }

  @Test
  void everyRoomIsOnTheMap() throws IOException {
    String map = Files.readString(Path.of("../docs/architecture.md"));

    assertThat(everything.that(resideInAPackage("dev.howdah.host.*..")))
        .extracting(it -> it.getPackageName().split("\\.")[3])
        .isNotEmpty()
        .allSatisfy(room -> assertThat(map).contains("| `" + room + "` |"));
  }

  private static void mayKnow(String room, String... others) {
    List<String> allowed = new ArrayList<>(List.of("dev.howdah.host." + room + ".."));
    for (String other : others) {
      allowed.add("dev.howdah.host." + other + "..");
    }
    classes()
        .that()
        .resideInAPackage("dev.howdah.host." + room + "..")
        .should()
        .onlyDependOnClassesThat(
            not(resideInAPackage("dev.howdah.host.."))
                .or(resideInAnyPackage(allowed.toArray(String[]::new))))
        .check(everything);
  }
}
