package dev.howdah.plugins.objectstore.cli;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.config.Credentials;
import dev.howdah.plugins.objectstore.config.ObjectStoreFiles;
import dev.howdah.plugins.objectstore.config.ObjectStoreSpec;
import dev.howdah.plugins.objectstore.config.Secrets;
import dev.howdah.plugins.objectstore.config.StoreOpener;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

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
    try (Store store =
        new StoreOpener(new Secrets(secrets)).open(spec(), ObjectStoreSpec.Encryption.NONE)) {
      return work.run(new Archive(store, new ArchiveLayout(server)));
    }
  }

  private ObjectStoreSpec spec() {
    Place given = place;
    if (given != null && given.objectStore != null) {
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
