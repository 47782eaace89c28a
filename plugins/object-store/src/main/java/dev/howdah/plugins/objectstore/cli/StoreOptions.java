package dev.howdah.plugins.objectstore.cli;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.config.Credentials;
import dev.howdah.plugins.objectstore.config.ObjectStoreFiles;
import dev.howdah.plugins.objectstore.config.ObjectStoreSpec;
import dev.howdah.plugins.objectstore.config.Secrets;
import dev.howdah.plugins.objectstore.config.StoreOpener;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.store.Store;
import dev.howdah.plugins.objectstore.store.TransferRate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which archive a command works on. */
final class StoreOptions {

  @ArgGroup(multiplicity = "1", exclusive = true)
  @Nullable Place place;

  @Option(
      names = "--server",
      required = true,
      paramLabel = "NAME",
      description = "Folder of the archive below the store's root (serverName).")
  String server = "";

  @Option(
      names = "--secrets",
      paramLabel = "DIR",
      defaultValue = "/etc/howdah/secrets",
      description = "Where the Secrets of the ObjectStore are mounted (default: ${DEFAULT-VALUE}).")
  Path secrets = Path.of("/etc/howdah/secrets");

  @Option(
      names = "--endpoint-url",
      paramLabel = "URL",
      description = "Address of an S3 service that isn't Amazon's, with --destination.")
  @Nullable String endpointUrl;

  @Option(names = "--region", paramLabel = "NAME", description = "The region, with --destination.")
  @Nullable String region;

  @Option(
      names = "--addressing",
      paramLabel = "STYLE",
      description =
          "Where an S3 bucket stands in the URL: path or virtual (in the host's name). Without it"
              + " as usual: path with --endpoint-url.")
  @Nullable Addressing addressing;

  @Option(
      names = "--transfer-limit",
      paramLabel = "BYTES",
      converter = RateConverter.class,
      description = "Most bytes per second in each direction, such as 50Mi.")
  @Nullable Long transferLimit;

  /** As on the command line. */
  enum Addressing {
    path,
    virtual
  }

  /** Reads a rate. */
  static final class RateConverter implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      try {
        return TransferRate.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }

  static final class Place {
    @Option(
        names = "--object-store",
        paramLabel = "FILE",
        description = "An ObjectStore resource in YAML or JSON.")
    @Nullable Path objectStore;

    @Option(
        names = "--destination",
        paramLabel = "URL",
        description =
            "The store's root: file:///directory, s3://bucket/path, gs://bucket/path or"
                + " https://account.blob.core.windows.net/container/path, with credentials from"
                + " the environment.")
    @Nullable String destination;
  }

  /** Something done with an archive. */
  interface Work {
    int run(Archive archive) throws IOException;
  }

  int with(Work work) throws IOException {
    ObjectStoreSpec spec = spec();
    // What a command writes is the result of a verification, which lies among the backup's data.
    try (Store store = new StoreOpener(new Secrets(secrets)).open(spec, spec.data().encryption())) {
      return work.run(new Archive(store, new ArchiveLayout(server)));
    }
  }

  /** The store's root, as it was given. */
  String destination() {
    return described().destinationPath();
  }

  private ObjectStoreSpec spec() {
    ObjectStoreSpec spec = described();
    return new ObjectStoreSpec(
        spec.destinationPath(),
        spec.endpointUrl(),
        spec.endpointCa(),
        spec.region(),
        spec.regionSecret(),
        addressing == null ? spec.bucketInPath() : Optional.of(addressing == Addressing.path),
        transferLimit == null ? spec.transferLimit() : Optional.of(transferLimit),
        spec.credentials(),
        spec.tags(),
        spec.historyTags(),
        spec.wal(),
        spec.data(),
        spec.retentionPolicy(),
        spec.retentionInterval());
  }

  private ObjectStoreSpec described() {
    Place given = place;
    if (given != null && given.objectStore != null) {
      if (endpointUrl != null || region != null) {
        throw new IllegalArgumentException(
            "--endpoint-url and --region go with --destination; with --object-store its fields"
                + " endpointURL and region say it");
      }
      return ObjectStoreFiles.read(given.objectStore).spec();
    }
    String destination = given == null || given.destination == null ? "" : given.destination;
    ObjectStoreSpec plain = ObjectStoreSpec.of(destination);
    return new ObjectStoreSpec(
        destination,
        Optional.ofNullable(endpointUrl),
        Optional.empty(),
        Optional.ofNullable(region),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        destination.startsWith("file:")
            ? new Credentials.None()
            : destination.startsWith("gs://")
                ? new Credentials.GoogleEnvironment()
                : destination.startsWith("http")
                    ? new Credentials.AzureIdentity(false)
                    : new Credentials.S3Environment(),
        plain.tags(),
        plain.historyTags(),
        plain.wal(),
        plain.data(),
        Optional.empty(),
        plain.retentionInterval());
  }
}
