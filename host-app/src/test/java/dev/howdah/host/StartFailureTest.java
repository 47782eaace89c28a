package dev.howdah.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.howdah.host.config.ConfigurationException;
import dev.howdah.host.config.HowdahProperties;
import dev.howdah.host.config.KnownKeys;
import dev.howdah.host.testing.HostProcess;
import dev.howdah.host.testing.TestPlugin;
import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.bind.validation.ValidationBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.ApplicationContextException;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.FileSystemResource;
import org.springframework.validation.beanvalidation.LocalValidatorFactoryBean;

/** What whoever starts a host reads when it can't start. */
@Timeout(300)
class StartFailureTest {

  private static final String TOLD = "howdah: The host did not start: ";

  @TempDir Path home;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "howdah.mode=everything"
            + "|howdah.mode is 'everything', which is none of all, operator, instance.",
        "howdah.grpc.request-timeout=soon"
            + "|howdah.grpc.request-timeout is 'soon', which is no duration such as 30s or 5m.",
        "howdah.grpc.max-message-size=big"
            + "|howdah.grpc.max-message-size is 'big', which is no size such as 4MB.",
        "howdah.limits.threads=many"
            + "|howdah.limits.threads is 'many', which is no number, or too large a one.",
        "howdah.delivery.enabled=perhaps"
            + "|howdah.delivery.enabled is 'perhaps', which is neither true nor false.",
        "howdah.limits.threads=0"
            + "|howdah.limits.threads is '0', which must be greater than or equal to 1.",
        "howdah.plugins.audit.limits.threads=0"
            + "|howdah.plugins.audit.limits.threads is '0', which must be greater than or equal to"
            + " 1.",
      })
  void aWrongValueIsToldWithWhatItMayBe(String setting, String told) {
    assertThat(explain(bind(new SimpleCommandLinePropertySource("--" + setting))))
        .isEqualTo(told + " Correct it on the command line.");
  }

  @Test
  void aSecretIsNotShown() {
    record Sealed(int token) {}
    MutablePropertySources sources = new MutablePropertySources();
    sources.addFirst(new SimpleCommandLinePropertySource("--x.token=hunter2"));

    assertThat(
            explain(
                catchThrowable(
                    () ->
                        new Binder(ConfigurationPropertySources.from(sources))
                            .bind("x", Bindable.of(Sealed.class)))))
        .startsWith("x.token is '***', which is no number");
  }

  @Test
  void aKeyThatARecordDoesNotHaveIsTold() {
    MutablePropertySources sources = new MutablePropertySources();
    sources.addFirst(new SimpleCommandLinePropertySource("--howdah.grpc.adress=127.0.0.1:0"));

    assertThat(
            explain(
                catchThrowable(
                    () ->
                        new Binder(ConfigurationPropertySources.from(sources))
                            .bind(
                                "howdah",
                                Bindable.of(HowdahProperties.class),
                                new NoUnboundElementsBindHandler(BindHandler.DEFAULT)))))
        .isEqualTo("Unknown: howdah.grpc.adress. Correct it on the command line.");
  }

  @Test
  void aWrongValueInAFileIsToldWithItsLine() throws IOException {
    Path file = home.resolve("howdah.yaml");
    Files.writeString(file, "howdah:\n  grpc:\n    request-timeout: soon\n");

    assertThat(explain(bind(yaml(file).getFirst())))
        .endsWith(" Correct it in line 3 of %s.".formatted(file));
  }

  @Test
  void aFileThatIsNoYamlIsToldWithTheLine() throws IOException {
    Path file = home.resolve("howdah.yaml");
    Files.writeString(file, "howdah:\n  mode: all\n mode: twice\n");

    assertThat(explain(catchThrowable(() -> yaml(file))))
        .startsWith("A configuration file isn't YAML: ")
        .contains("in line 3, column ")
        .endsWith("Correct it there.");
  }

  @Test
  void anUnknownKeyAndAPortInUseAreTold() {
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .addFirst(new SimpleCommandLinePropertySource("--howdah.mod=all"));
    assertThat(explain(catchThrowable(() -> KnownKeys.check(environment))))
        .startsWith("The configuration key howdah.mod is unknown. Did you mean howdah.mode?");
    assertThat(explain(new PortInUseException(8081)))
        .isEqualTo(
            "Cannot listen for HTTP on port 8081: it is in use. Stop whoever uses it, or choose"
                + " another with --http-address (server.port).");
  }

  @Test
  void aValueThatSpringRefusesIsTold() {
    assertThat(
            explain(
                new InvalidConfigurationPropertyValueException(
                    "server.port", "many", "Failed to convert to type java.lang.Integer")))
        .startsWith("server.port is 'many', which can't be used: Failed to convert")
        .endsWith(". Correct it where it is set.");
  }

  @Test
  void pluginsAreStoppedAgainWhenNoDoorCanBeOpened() {
    CountDownLatch stopped = new CountDownLatch(1);
    Plugin plugin =
        new Plugin() {
          @Override
          public PluginMetadata metadata() {
            return TestPlugin.metadata("good.example.com");
          }

          @Override
          public void register(Hooks hooks) {}

          @Override
          public void stop() {
            stopped.countDown();
          }
        };
    EmbeddedHost.Builder host =
        EmbeddedHost.in(home)
            .classPathPlugins()
            .property("howdah.grpc.address", "nowhere")
            .plugin("good", plugin);

    assertThat(explain(catchThrowable(host::start))).startsWith("The address \"nowhere\" is not");
    assertThat(stopped.getCount()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0B", "-1MB", "2GB"})
  void aLongestMessageThatCannotBeIsTold(String size) {
    assertThat(
            explain(
                catchThrowable(
                    () ->
                        EmbeddedHost.in(home)
                            .property("howdah.grpc.max-message-size", size)
                            .start()
                            .close())))
        .startsWith("howdah.grpc.max-message-size is ")
        .contains("which is no size from 1B to 2047MB. Correct it");
  }

  @Test
  void ofOurOwnWordsTheOutermostCount() {
    Exception inner = new ConfigurationException("There is no such file.", new IOException("x"));
    Exception outer = new ConfigurationException("Cannot read it. Mount it.", inner);

    assertThat(explain(new ApplicationContextException("Failed to start bean", outer)))
        .isEqualTo("Cannot read it. Mount it.");
  }

  @Test
  void whatNobodyForesawHasItsStackTraceInTheLog() {
    Exception failure = new IllegalStateException("bean", new NullPointerException("a"));

    assertThat(StartFailure.explain(failure)).isEmpty();
    assertThat(logged(Level.INFO, failure))
        .singleElement()
        .satisfies(line -> assertThat(line.getLevel()).isEqualTo(Level.ERROR))
        .satisfies(line -> assertThat(line.getThrowableProxy()).isNotNull());
    assertThat(new StartFailureReporter(null).reportException(failure))
        .as("before there is a log it is left to Spring Boot")
        .isFalse();
  }

  @Test
  void whatWasForeseenHasItsStackTraceAtDebugOnly() {
    Exception failure = new ConfigurationException("It is wrong. Set it.");

    assertThat(logged(Level.INFO, failure)).isEmpty();
    assertThat(logged(Level.DEBUG, failure))
        .singleElement()
        .satisfies(line -> assertThat(line.getThrowableProxy()).isNotNull());
  }

  private static List<ILoggingEvent> logged(Level level, Exception failure) {
    Logger logger = (Logger) LoggerFactory.getLogger(StartFailureReporter.class);
    Level before = logger.getLevel();
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    logger.setLevel(level);
    try (GenericApplicationContext context = new GenericApplicationContext()) {
      assertThat(new StartFailureReporter(context).reportException(failure)).isTrue();
      return List.copyOf(lines.list);
    } finally {
      logger.setLevel(before);
      logger.detachAppender(lines);
    }
  }

  @Test
  void aSidecarEndsWithTheReasonAlone() {
    Throwable ended =
        catchThrowableOfType(
            IllegalStateException.class,
            () ->
                HostProcess.startSidecar(
                        home,
                        Map.of("HOWDAH_LIMITS_THREADS", "0"),
                        "hello-world.howdah.dev",
                        List.of())
                    .close());

    assertThat(ended.getMessage().strip())
        .endsWith(
            TOLD
                + "howdah.limits.threads is '0', which must be greater than or equal to 1. Correct"
                + " it in the variable HOWDAH_LIMITS_THREADS.")
        .doesNotContain("\tat ", "WARN", "ERROR");
  }

  @Test
  void aHostEndsWithTheReasonAlone() throws IOException {
    Path tls = Files.createDirectories(home.resolve("tls"));
    for (String file : List.of("ca.crt", "ca.key", "server.crt", "server.key")) {
      Files.writeString(tls.resolve(file), "not PEM");
    }

    Throwable ended =
        catchThrowableOfType(
            IllegalStateException.class, () -> HostProcess.start(home, List.of(), false).close());

    assertThat(ended.getMessage().strip().lines().toList().getLast())
        .startsWith(TOLD + "Cannot use the development certificates in " + tls)
        .endsWith("Remove the folder to have new ones issued.");
    assertThat(ended.getMessage()).doesNotContain("\tat ", "WARN", "ERROR");
  }

  private static String explain(Throwable failure) {
    return StartFailure.explain(new BeanCreationException("a bean", failure)).orElseThrow();
  }

  private static List<PropertySource<?>> yaml(Path file) throws IOException {
    return new YamlPropertySourceLoader().load("file", new FileSystemResource(file));
  }

  private static Throwable bind(PropertySource<?> source) {
    MutablePropertySources sources = new MutablePropertySources();
    sources.addFirst(source);
    try (LocalValidatorFactoryBean validator = new LocalValidatorFactoryBean()) {
      validator.afterPropertiesSet();
      return catchThrowable(
          () ->
              new Binder(ConfigurationPropertySources.from(sources))
                  .bind(
                      "howdah",
                      Bindable.of(HowdahProperties.class),
                      new ValidationBindHandler(validator)));
    }
  }
}
