package dev.howdah.host.parameters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.plugin.Parameter;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.admission.ValidationFinding;
import io.fabric8.kubernetes.api.model.Quantity;
import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RecordParameterBinderTest {

  private static final List<String> PATH = List.of("spec", "plugins", "0", "parameters");

  private final RecordParameterBinder binder = new RecordParameterBinder();

  enum Mode {
    READ_ONLY,
    READ_WRITE
  }

  record Everything(
      String text,
      int whole,
      Long large,
      short small,
      boolean flag,
      double decimal,
      BigDecimal exact,
      Mode mode,
      Duration duration,
      URI uri,
      Quantity quantity,
      Optional<Integer> maybe,
      List<Duration> list,
      Map<String, String> map,
      Inner inner,
      JsonNode json) {}

  record Inner(String name, @Parameter(defaultValue = "3") int times, Optional<Inner> deeper) {}

  private static final Map<String, String> EVERYTHING =
      Map.ofEntries(
          Map.entry("text", " as is "),
          Map.entry("whole", "7"),
          Map.entry("large", "9007199254740993"),
          Map.entry("small", "-3"),
          Map.entry("flag", "On"),
          Map.entry("decimal", "0.25"),
          Map.entry("exact", "1.10"),
          Map.entry("mode", "read-only"),
          Map.entry("duration", "1h30m"),
          Map.entry("uri", "https://example.com/a?b=c"),
          Map.entry("quantity", "2Gi"),
          Map.entry("maybe", "5"),
          Map.entry("list", "30s, 5m"),
          Map.entry("map", "{\"a\": \"b\", \"c\": 1}"),
          Map.entry("inner", "{\"name\": \"n\", \"deeper\": {\"name\": \"m\", \"times\": 1}}"),
          Map.entry("json", "{\"x\": [1, null]}"));

  @Test
  void everyTypeIsReadFromItsText() {
    Everything bound = binder.bind(Everything.class, EVERYTHING, PATH);

    assertThat(bound.text()).isEqualTo(" as is ");
    assertThat(bound.whole()).isEqualTo(7);
    assertThat(bound.large()).isEqualTo(9007199254740993L);
    assertThat(bound.small()).isEqualTo((short) -3);
    assertThat(bound.flag()).isTrue();
    assertThat(bound.decimal()).isEqualTo(0.25);
    assertThat(bound.exact()).isEqualTo(new BigDecimal("1.10"));
    assertThat(bound.mode()).isEqualTo(Mode.READ_ONLY);
    assertThat(bound.duration()).isEqualTo(Duration.ofMinutes(90));
    assertThat(bound.uri()).isEqualTo(URI.create("https://example.com/a?b=c"));
    assertThat(bound.quantity()).isEqualTo(new Quantity("2Gi"));
    assertThat(bound.maybe()).contains(5);
    assertThat(bound.list()).containsExactly(Duration.ofSeconds(30), Duration.ofMinutes(5));
    assertThat(bound.map()).isEqualTo(Map.of("a", "b", "c", "1"));
    assertThat(bound.inner())
        .isEqualTo(new Inner("n", 3, Optional.of(new Inner("m", 1, Optional.empty()))));
    assertThat(bound.json().at("/x/0").intValue()).isEqualTo(1);
  }

  @Test
  void everythingThatIsRequiredIsAskedForAtOnce() {
    assertThat(binder.check(Everything.class, Map.of(), PATH))
        .hasSize(13)
        .allMatch(finding -> finding.message().startsWith("is required"))
        .extracting(finding -> finding.path().getLast())
        .isSorted()
        .doesNotContain("maybe", "list", "map");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "whole|1.5|must be a whole number",
        "whole|2147483648|must be a whole number between -2147483648 and 2147483647",
        "whole||must be a whole number",
        "small|40000|must be a whole number between -32768 and 32767",
        "flag|maybe|must be true or false",
        "decimal|NaN|must be a number, such as 0.5",
        "decimal|1e400|must be a smaller number",
        "exact|1e999999999|must be a number, such as 0.5",
        "mode|write|must be read-only or read-write",
        "duration|5|must be a duration, such as 30s, 5m or 1h30m",
        "duration|5x|must be a duration, such as 30s, 5m or 1h30m",
        "duration|999999999999999999d|must be a duration, such as 30s, 5m or 1h30m",
        "uri|a b|must be a URI, such as https://example.com/path",
        "quantity|2GB|must be a quantity, such as 500m, 2Gi or 10M",
        "maybe|x|must be a whole number",
        "list|30s,,5m|is wrong in entry 2: it must be a duration, such as 30s, 5m or 1h30m",
        "list|[\"30s\"|must be a list with commas or a valid JSON array",
        "map|[]|must be a valid JSON object, such as {\"name\": \"value\"}",
        "map|{\"a\":1,\"a\":2}|must be a valid JSON object, such as {\"name\": \"value\"}",
        "inner|{\"names\": \"n\"}|is wrong: 'name' is required: text; 'names' is unknown; did you"
            + " mean 'name'?",
        "json|{|must be valid JSON",
        "json|{} {}|must be valid JSON"
      })
  void aWrongTextIsExplained(String name, String text, String message) {
    String written = text == null ? "" : text;
    Map<String, String> parameters = new HashMap<>(EVERYTHING);
    parameters.put(name, written);

    assertThat(binder.check(Everything.class, parameters, PATH))
        .containsExactly(
            ValidationFinding.error(
                List.of("spec", "plugins", "0", "parameters", name), written, message));
  }

  record Times(Duration time) {}

  @ParameterizedTest
  @CsvSource({
    "30s,PT30S",
    "5m,PT5M",
    "1h30m,PT1H30M",
    "1d,PT24H",
    "250ms,PT0.25S",
    "1.5h,PT1H30M",
    "PT2M,PT2M",
    "0,PT0S",
    "-5m,PT-5M",
    "1us,PT0.000001S",
    "10ns,PT0.00000001S"
  })
  void durationsAreReadAsPeopleWriteThem(String text, Duration expected) {
    assertThat(binder.bind(Times.class, Map.of("time", text), PATH).time()).isEqualTo(expected);
  }

  @Property(tries = 500)
  void whateverIsWrittenTheBinderAnswers(@ForAll @StringLength(max = 40) String text) {
    for (String name : EVERYTHING.keySet()) {
      Map<String, String> parameters = new HashMap<>(EVERYTHING);
      parameters.put(name, text);

      List<ValidationFinding> findings = binder.check(Everything.class, parameters, PATH);

      assertThat(findings).allMatch(finding -> finding.path().getLast().equals(name));
      assertThat(binder.check(Everything.class, parameters, PATH)).isEqualTo(findings);
    }
  }

  @Property(tries = 300)
  void everyDurationComesBack(
      @ForAll @IntRange(min = 0, max = 1000) int hours,
      @ForAll @IntRange(min = 0, max = 59) int minutes,
      @ForAll @IntRange(min = 0, max = 999) int millis) {
    String text = "%dh%dm%dms".formatted(hours, minutes, millis);

    assertThat(binder.bind(Times.class, Map.of("time", text), PATH).time())
        .isEqualTo(Duration.ofHours(hours).plusMinutes(minutes).plusMillis(millis));
  }

  @Property(tries = 200)
  void everyListComesBackFromJson(@ForAll @Size(max = 5) List<String> words) {
    record Words(List<String> words) {}
    String json = new JsonMapper().writeValueAsString(words);

    assertThat(binder.bind(Words.class, Map.of("words", json), PATH).words()).isEqualTo(words);
  }

  record Limited(
      @Min(1) @Max(10) @Parameter(name = "max-size", defaultValue = "5") int maxSize,
      @NotBlank @Parameter(defaultValue = "x") String name,
      List<@jakarta.validation.constraints.Size(min = 2) String> words,
      Optional<@Min(1) Integer> share) {}

  @Nested
  class Constraints {

    @Test
    void defaultsHoldForWhatIsNotGiven() {
      assertThat(binder.bind(Limited.class, Map.of(), PATH))
          .isEqualTo(new Limited(5, "x", List.of(), Optional.empty()));
    }

    @Test
    void everyBrokenConstraintIsFoundWithItsPathAndValue() {
      List<ValidationFinding> findings =
          binder.check(
              Limited.class,
              Map.of("max-size", "11", "name", " ", "words", "ab,c", "share", "0"),
              PATH);

      assertThat(findings)
          .containsExactly(
              finding("max-size", "11", "must be less than or equal to 10"),
              finding("name", " ", "must not be blank"),
              finding("share", "0", "must be greater than or equal to 1"),
              finding("words", "ab,c", "size must be between 2 and 2147483647"));
    }

    @Test
    void messagesAreTheSameOnAMachineWithAnotherLanguage() {
      Locale before = Locale.getDefault();
      try {
        Locale.setDefault(Locale.GERMANY);
        assertThat(binder.check(Limited.class, Map.of("max-size", "0"), PATH))
            .containsExactly(finding("max-size", "0", "must be greater than or equal to 1"));
      } finally {
        Locale.setDefault(before);
      }
    }

    @Test
    void aConstraintOnTheRecordIsReportedAtAllParameters() {
      assertThat(binder.check(Range.class, Map.of("low", "5", "high", "3"), PATH))
          .containsExactly(ValidationFinding.error(PATH, "", "low must not be above high"));
      assertThat(binder.bind(Range.class, Map.of("low", "3", "high", "5"), PATH))
          .isEqualTo(new Range(3, 5));
    }

    @Test
    void whatTheRecordItselfRefusesIsReportedAtAllParameters() {
      assertThat(binder.check(Even.class, Map.of("number", "3"), PATH))
          .containsExactly(ValidationFinding.error(PATH, "", "number must be even"));
    }

    @Test
    void aRecordThatFailsOtherwiseIsThePluginsFault() {
      assertThatThrownBy(() -> binder.bind(Broken.class, Map.of("number", "3"), PATH))
          .isInstanceOf(PluginException.class)
          .extracting(failure -> ((PluginException) failure).kind())
          .isEqualTo(PluginException.Kind.INTERNAL);
    }
  }

  @InOrder
  record Range(int low, int high) {}

  @Target(ElementType.TYPE)
  @Retention(RetentionPolicy.RUNTIME)
  @Constraint(validatedBy = InOrderValidator.class)
  @interface InOrder {
    String message() default "low must not be above high";

    Class<?>[] groups() default {};

    Class<? extends Payload>[] payload() default {};
  }

  public static final class InOrderValidator implements ConstraintValidator<InOrder, Range> {
    @Override
    public boolean isValid(Range range, ConstraintValidatorContext context) {
      return range.low() <= range.high();
    }
  }

  record Even(int number) {
    Even {
      if (number % 2 != 0) {
        throw new IllegalArgumentException("number must be even");
      }
    }
  }

  record Broken(int number) {
    Broken {
      throw new IllegalStateException("surprise");
    }
  }

  @Test
  void anUnknownNameGetsTheNearestKnownOne() {
    assertThat(binder.check(Limited.class, Map.of("maxsize", "1", "colour", "red"), PATH))
        .containsExactly(
            finding("colour", "red", "is unknown; known are max-size, name, words, share"),
            finding("maxsize", "1", "is unknown; did you mean 'max-size'?"));
  }

  @Test
  void bindingThrowsTheFirstProblemWithItsPlace() {
    assertThatThrownBy(() -> binder.bind(Limited.class, Map.of("name", "", "max-size", "x"), PATH))
        .isInstanceOf(PluginException.class)
        .hasMessage("spec.plugins[0].parameters.max-size must be a whole number")
        .extracting(failure -> ((PluginException) failure).kind())
        .isEqualTo(PluginException.Kind.INVALID);
  }

  record Unsupported(Thread thread) {}

  record WrongDefault(@Parameter(defaultValue = "x") int number) {}

  @Test
  void aRecordThatCannotBeBoundIsTheAuthorsMistake() {
    assertThatThrownBy(() -> binder.check(Unsupported.class, Map.of(), PATH))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'thread'");
    assertThatThrownBy(() -> binder.describe(WrongDefault.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("The default 'x' of the component 'number'");
  }

  record Fixed(
      @Parameter(immutable = true, defaultValue = "60s") Duration period,
      @Parameter(immutable = true) Optional<@Min(1) BigDecimal> share,
      @Parameter(defaultValue = "1") int free) {}

  @Nested
  class Changes {

    @ParameterizedTest
    @ValueSource(strings = {"60s", "1m", "PT1M"})
    void anotherWayToWriteTheSameIsNoChange(String text) {
      assertThat(change(Map.of(), Map.of("period", text))).isEmpty();
      assertThat(change(Map.of("share", "1.0"), Map.of("share", "1.00"))).isEmpty();
    }

    @Test
    void anotherValueIsRefusedWithTheOldOneNamed() {
      assertThat(change(Map.of(), Map.of("period", "2m", "free", "2")))
          .containsExactly(
              finding(
                  "period",
                  "2m",
                  "can't be changed once the Cluster exists; set it back to '60s'"));
      assertThat(change(Map.of("share", "2"), Map.of())).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"soon", ""})
    void whatWasWrongBeforeMayBeCorrected(String wrong) {
      assertThat(change(Map.of("period", wrong), Map.of("period", "2m"))).isEmpty();
      assertThat(change(Map.of("share", "0"), Map.of("share", "2"))).isEmpty();
    }

    private List<ValidationFinding> change(Map<String, String> before, Map<String, String> after) {
      return binder.checkChange(Fixed.class, before, after, PATH);
    }
  }

  record Documented(
      @Parameter(
              name = "max-size",
              description = "Largest size.",
              defaultValue = "5",
              immutable = true)
          @Min(1)
          int maxSize,
      @DecimalMin("0.5") BigDecimal factor,
      Optional<Mode> mode) {}

  @Test
  void parametersAreDescribedInTheUsersWords() {
    assertThat(binder.describe(Documented.class))
        .containsExactly(
            new ParameterDescription(
                "max-size",
                "whole number",
                Optional.of("5"),
                false,
                true,
                List.of("must be greater than or equal to 1"),
                "Largest size."),
            new ParameterDescription(
                "factor",
                "number",
                Optional.empty(),
                true,
                false,
                List.of("must be greater than or equal to 0.5"),
                ""),
            new ParameterDescription(
                "mode", "read-only or read-write", Optional.empty(), false, false, List.of(), ""));
  }

  private static ValidationFinding finding(String name, String value, String message) {
    return ValidationFinding.error(
        List.of("spec", "plugins", "0", "parameters", name), value, message);
  }
}
