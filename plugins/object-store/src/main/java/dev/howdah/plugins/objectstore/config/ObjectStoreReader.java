package dev.howdah.plugins.objectstore.config;

import dev.howdah.plugins.objectstore.config.ObjectStoreSpec.Encryption;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.store.TransferRate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Reads an {@code ObjectStore} of group {@code barmancloud.cnpg.io}, as a user of Barman's plugin
 * has it, and says what is wrong with it field by field. For one resource.
 */
public final class ObjectStoreReader {

  private static final Pattern RETENTION = Pattern.compile("[1-9][0-9]*[dwm]");
  private static final Pattern URL = Pattern.compile("(s3|gs|https?)://[^/]+.*|file:///.*");
  private static final int MOST_S3_TAGS = 10;
  private static final String ADDRESSING = "howdah.dev/s3-addressing";
  private static final String TRANSFER_LIMIT = "howdah.dev/transfer-limit";
  private static final Set<String> ROOT_FIELDS =
      Set.of("configuration", "retentionPolicy", "instanceSidecarConfiguration");

  private final List<String> problems = new ArrayList<>();
  private final List<String> notices = new ArrayList<>();
  private final JsonNode resource;

  private ObjectStoreReader(JsonNode resource) {
    this.resource = resource;
  }

  /**
   * What was read.
   *
   * @param spec what the resource says, as far as it could be understood
   * @param problems what is wrong, each beginning with the field's path; a store with problems
   *     can't be used
   * @param notices what is accepted but has no effect
   */
  public record Result(ObjectStoreSpec spec, List<String> problems, List<String> notices) {
    /** Copies the lists. */
    public Result {
      problems = List.copyOf(problems);
      notices = List.copyOf(notices);
    }
  }

  /** Reads a resource. */
  public static Result read(JsonNode resource) {
    ObjectStoreReader reader = new ObjectStoreReader(resource);
    ObjectStoreSpec spec = reader.spec();
    return new Result(spec, reader.problems, reader.notices);
  }

  private ObjectStoreSpec spec() {
    JsonNode spec = resource.path("spec");
    for (String field : spec.propertyNames()) {
      if (!ROOT_FIELDS.contains(field)) {
        notices.add("spec.%s is not known and has no effect".formatted(field));
      }
    }
    String at = "spec.configuration";
    JsonNode configuration = spec.path("configuration");
    if (!configuration.isObject()) {
      problems.add(at + " is required");
    }
    if (configuration.has("serverName")) {
      problems.add(at + ".serverName is not allowed; use the parameter serverName in the Cluster");
    }
    String destination = text(configuration, at, "destinationPath").orElse("");
    if (destination.isEmpty()) {
      problems.add(at + ".destinationPath is required");
    } else if (!URL.matcher(destination).matches()) {
      problems.add(
          at
              + ".destinationPath '%s' must begin with s3://, https://, gs:// or file:///"
                  .formatted(destination));
    }
    Credentials credentials = credentials(configuration, at, destination);
    Map<String, String> tags = tags(configuration, at, "tags");
    JsonNode s3 = configuration.path("s3Credentials");
    JsonNode region = s3.path("region");
    return new ObjectStoreSpec(
        destination,
        text(configuration, at, "endpointURL"),
        reference(configuration, at, "endpointCA"),
        region.isString() ? Optional.of(region.stringValue()) : Optional.empty(),
        region.isObject() ? reference(s3, at + ".s3Credentials", "region") : Optional.empty(),
        addressing(),
        transferLimit(),
        credentials,
        tags,
        tags(configuration, at, "historyTags"),
        wal(configuration.path("wal"), at + ".wal"),
        data(configuration.path("data"), at + ".data"),
        retention(spec),
        sidecar(spec.path("instanceSidecarConfiguration")));
  }

  // The resource is Barman's, so what it has no fields for stands in annotations.
  private Optional<Boolean> addressing() {
    String style = annotation(ADDRESSING);
    if (!Set.of("", "path", "virtual").contains(style)) {
      problems.add(
          "metadata.annotations['%s'] '%s' is neither path nor virtual"
              .formatted(ADDRESSING, style));
    }
    return style.isEmpty() ? Optional.empty() : Optional.of(!style.equals("virtual"));
  }

  private Optional<Long> transferLimit() {
    String limit = annotation(TRANSFER_LIMIT);
    if (limit.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(TransferRate.parse(limit));
    } catch (IllegalArgumentException e) {
      problems.add("metadata.annotations['%s'] %s".formatted(TRANSFER_LIMIT, e.getMessage()));
      return Optional.empty();
    }
  }

  private String annotation(String name) {
    return resource.path("metadata").path("annotations").path(name).asString("").strip();
  }

  private Credentials credentials(JsonNode configuration, String at, String destination) {
    List<String> given = new ArrayList<>();
    for (String field : List.of("s3Credentials", "azureCredentials", "googleCredentials")) {
      if (configuration.path(field).isObject()) {
        given.add(field);
      }
    }
    if (destination.startsWith("file:")) {
      if (!given.isEmpty()) {
        problems.add(at + "." + given.getFirst() + " has no meaning for a directory");
      }
      return new Credentials.None();
    }
    if (given.size() != 1) {
      problems.add(
          at + " must have exactly one of s3Credentials, azureCredentials and googleCredentials");
      return new Credentials.None();
    }
    String field = given.getFirst();
    JsonNode node = configuration.path(field);
    return switch (field) {
      case "azureCredentials" -> azure(node, at + "." + field, destination);
      case "googleCredentials" -> google(node, at + "." + field, destination);
      default -> s3(node, at + "." + field, destination);
    };
  }

  private Credentials azure(JsonNode azure, String at, String destination) {
    if (!destination.isEmpty() && !destination.matches("https?://[^/]+/.+")) {
      problems.add(
          at + " needs a destinationPath such as https://account.blob.core.windows.net/container");
    }
    Optional<SecretReference> connection = reference(azure, at, "connectionString");
    Optional<SecretReference> account = reference(azure, at, "storageAccount");
    Optional<SecretReference> key = reference(azure, at, "storageKey");
    Optional<SecretReference> signature = reference(azure, at, "storageSasToken");
    boolean managed = flag(azure, at, "inheritFromAzureAD");
    boolean environment = flag(azure, at, "useDefaultAzureCredentials");
    long ways =
        Stream.of(
                connection.isPresent(),
                key.isPresent(),
                signature.isPresent(),
                managed,
                environment)
            .filter(given -> given)
            .count();
    if (ways != 1 || (connection.isPresent() && account.isPresent())) {
      problems.add(
          at
              + " must have exactly one of connectionString, storageKey, storageSasToken,"
              + " inheritFromAzureAD and useDefaultAzureCredentials, and storageAccount only with"
              + " storageKey or storageSasToken");
      return new Credentials.None();
    }
    if (connection.isPresent()) {
      return new Credentials.AzureConnection(connection.get());
    }
    if (managed || environment) {
      return new Credentials.AzureIdentity(managed);
    }
    if (account.isEmpty()) {
      problems.add(at + ".storageAccount is required, too");
      return new Credentials.None();
    }
    return key.isPresent()
        ? new Credentials.AzureKey(account.get(), key.get())
        : new Credentials.AzureSignature(account.get(), signature.orElseThrow());
  }

  private Credentials google(JsonNode google, String at, String destination) {
    if (!destination.isEmpty()
        && !destination.startsWith("gs://")
        && !destination.startsWith("https://console.cloud.google.com/storage/browser/")) {
      problems.add(at + " needs a destinationPath that begins with gs://");
    }
    Optional<SecretReference> key = reference(google, at, "applicationCredentials");
    if (key.isPresent() == flag(google, at, "gkeEnvironment")) {
      problems.add(at + " must have either gkeEnvironment or applicationCredentials");
      return new Credentials.None();
    }
    return key.<Credentials>map(Credentials.GoogleKey::new)
        .orElseGet(Credentials.GoogleEnvironment::new);
  }

  private Credentials s3(JsonNode s3, String at, String destination) {
    if (!destination.isEmpty() && !destination.startsWith("s3://")) {
      problems.add(at + " needs a destinationPath that begins with s3://");
    }
    Optional<SecretReference> id = reference(s3, at, "accessKeyId");
    Optional<SecretReference> secret = reference(s3, at, "secretAccessKey");
    boolean inherit = flag(s3, at, "inheritFromIAMRole");
    if (inherit == (id.isPresent() || secret.isPresent())) {
      problems.add(at + " must have either inheritFromIAMRole or accessKeyId with secretAccessKey");
      return new Credentials.S3Environment();
    }
    if (inherit) {
      return new Credentials.S3Environment();
    }
    if (id.isEmpty() || secret.isEmpty()) {
      problems.add(
          at + "." + (id.isEmpty() ? "accessKeyId" : "secretAccessKey") + " is required, too");
      return new Credentials.S3Environment();
    }
    return new Credentials.S3Keys(id.get(), secret.get(), reference(s3, at, "sessionToken"));
  }

  private ObjectStoreSpec.Wal wal(JsonNode wal, String at) {
    childProcessArguments(wal, at, "archiveAdditionalCommandArgs", "restoreAdditionalCommandArgs");
    return new ObjectStoreSpec.Wal(
        codec(wal, at), encryption(wal, at), number(wal, at, "maxParallel", 1));
  }

  private ObjectStoreSpec.Data data(JsonNode data, String at) {
    childProcessArguments(data, at, "additionalCommandArgs", "restoreAdditionalCommandArgs");
    Codec codec = codec(data, at);
    if (codec.walOnly()) {
      notices.add(
          at
              + ".compression '%s' can't be read by all versions of Barman"
                  .formatted(codec.configurationName()));
    }
    return new ObjectStoreSpec.Data(
        codec,
        encryption(data, at),
        number(data, at, "jobs", 2),
        flag(data, at, "immediateCheckpoint"));
  }

  private void childProcessArguments(JsonNode node, String at, String... fields) {
    for (String field : fields) {
      if (node.path(field).size() > 0) {
        notices.add(
            at + "." + field + " has no effect: there is no child process to give arguments to");
      }
    }
  }

  private Codec codec(JsonNode node, String at) {
    Optional<String> name = text(node, at, "compression");
    if (name.isEmpty()) {
      return Codec.NONE;
    }
    Optional<Codec> codec = Codec.ofConfiguration(name.get()).filter(found -> found != Codec.NONE);
    if (codec.isEmpty()) {
      problems.add(
          at
              + ".compression '%s' is none of bzip2, gzip, lz4, snappy, xz and zstd"
                  .formatted(name.get()));
    }
    return codec.orElse(Codec.NONE);
  }

  private Encryption encryption(JsonNode node, String at) {
    String value = text(node, at, "encryption").orElse("");
    return switch (value) {
      case "" -> Encryption.NONE;
      case "AES256" -> Encryption.AES256;
      case "aws:kms" -> Encryption.KMS;
      default -> {
        problems.add(at + ".encryption '%s' is neither AES256 nor aws:kms".formatted(value));
        yield Encryption.NONE;
      }
    };
  }

  private Optional<String> retention(JsonNode spec) {
    Optional<String> policy = text(spec, "spec", "retentionPolicy");
    if (policy.isPresent() && !RETENTION.matcher(policy.get()).matches()) {
      problems.add(
          "spec.retentionPolicy '%s' is not a number of days, weeks or months such as 30d"
              .formatted(policy.get()));
    }
    return policy;
  }

  private Duration sidecar(JsonNode sidecar) {
    String at = "spec.instanceSidecarConfiguration";
    for (String field : List.of("env", "resources", "additionalContainerArgs", "logLevel")) {
      if (sidecar.has(field)) {
        notices.add(
            at + "." + field + " has no effect: all plugins share one sidecar; see its settings");
      }
    }
    JsonNode interval = sidecar.path("retentionPolicyIntervalSeconds");
    if (interval.isMissingNode() || interval.isNull()) {
      return ObjectStoreSpec.RETENTION_INTERVAL;
    }
    if (!interval.isInt() || interval.intValue() < 0) {
      problems.add(at + ".retentionPolicyIntervalSeconds must be a whole number from 0 on");
      return ObjectStoreSpec.RETENTION_INTERVAL;
    }
    // 0 stands for five minutes with Barman's plugin.
    return interval.intValue() == 0
        ? Duration.ofMinutes(5)
        : Duration.ofSeconds(interval.intValue());
  }

  private Map<String, String> tags(JsonNode node, String at, String field) {
    Map<String, String> tags = new LinkedHashMap<>();
    for (var entry : node.path(field).properties()) {
      if (entry.getValue().isString()) {
        tags.put(entry.getKey(), entry.getValue().stringValue());
      } else {
        problems.add("%s.%s.%s must be text".formatted(at, field, entry.getKey()));
      }
    }
    if (tags.size() > MOST_S3_TAGS) {
      problems.add("%s.%s has more than %d tags".formatted(at, field, MOST_S3_TAGS));
    }
    return tags;
  }

  private Optional<String> text(JsonNode node, String at, String field) {
    JsonNode value = node.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isString()) {
      problems.add("%s.%s must be text".formatted(at, field));
      return Optional.empty();
    }
    return Optional.of(value.stringValue()).filter(text -> !text.isEmpty());
  }

  private boolean flag(JsonNode node, String at, String field) {
    JsonNode value = node.path(field);
    if (!value.isMissingNode() && !value.isNull() && !value.isBoolean()) {
      problems.add("%s.%s must be true or false".formatted(at, field));
    }
    return value.isBoolean() && value.booleanValue();
  }

  private int number(JsonNode node, String at, String field, int otherwise) {
    JsonNode value = node.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    }
    if (!value.isInt() || value.intValue() < 1) {
      problems.add("%s.%s must be a whole number from 1 on".formatted(at, field));
      return otherwise;
    }
    return value.intValue();
  }

  private Optional<SecretReference> reference(JsonNode node, String at, String field) {
    JsonNode value = node.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    String name = value.path("name").asString("");
    String key = value.path("key").asString("");
    if (name.isEmpty() || key.isEmpty()) {
      problems.add("%s.%s must have the name of a Secret and a key in it".formatted(at, field));
      return Optional.empty();
    }
    return Optional.of(new SecretReference(name, key));
  }
}
