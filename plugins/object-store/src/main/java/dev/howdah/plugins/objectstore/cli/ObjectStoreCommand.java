package dev.howdah.plugins.objectstore.cli;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.BackupDeletion;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import dev.howdah.plugins.objectstore.recovery.BackupChoice;
import dev.howdah.plugins.objectstore.recovery.BackupParts;
import dev.howdah.plugins.objectstore.recovery.BackupRestore;
import dev.howdah.plugins.objectstore.recovery.BackupVerification;
import dev.howdah.plugins.objectstore.wal.WalInventory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code object-store}: looks into an archive and restores from it. Answers go to standard output;
 * exit codes are 0 if all is well, 1 if the answer is "no" or something failed, 2 if the command
 * line is wrong.
 */
@Command(
    name = "object-store",
    description = "Looks into an archive of WAL and base backups, and restores from it.",
    mixinStandardHelpOptions = true)
public final class ObjectStoreCommand implements Runnable {

  private static final JsonMapper JSON = JsonMapper.shared();

  @Spec private CommandSpec spec;

  /** Made by picocli, or by a launcher that adds it to its own commands. */
  @SuppressWarnings("NullAway.Init") // picocli sets the field before it runs anything
  public ObjectStoreCommand() {}

  /**
   * Runs one command.
   *
   * @param arguments as typed after {@code object-store}
   */
  public static void main(String[] arguments) {
    int exitCode = commandLine().execute(arguments);
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  /** The command with its failures turned into one line on standard error. */
  public static CommandLine commandLine() {
    return new CommandLine(new ObjectStoreCommand())
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> {
              switch (failure) {
                case PluginException expected ->
                    command.getErr().println("object-store: " + expected.getMessage());
                case IOException expected ->
                    command.getErr().println("object-store: " + expected.getMessage());
                case IllegalArgumentException wrong -> {
                  command.getErr().println("object-store: " + wrong.getMessage());
                  return 2;
                }
                default -> throw failure;
              }
              return 1;
            });
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say which command.");
  }

  @Command(name = "list", description = "Lists the backups.", mixinStandardHelpOptions = true)
  int list(
      @Mixin StoreOptions store,
      @Option(names = "--json", description = "Answer in JSON.") boolean json)
      throws IOException {
    return store.with(
        archive -> {
          Catalogue catalogue = Catalogue.read(archive);
          if (json) {
            ArrayNode all = JSON.createArrayNode();
            catalogue.backups().forEach(entry -> all.add(json(entry)));
            out().println(JSON.writeValueAsString(all));
            return 0;
          }
          String row = "%-16s %-7s %-24s %-24s %4s  %s%n";
          out().printf(row, "ID", "STATUS", "BEGAN", "ENDED", "TLI", "NAME");
          for (Entry entry : catalogue.backups()) {
            BackupInfo info = entry.info();
            out()
                .printf(
                    row,
                    entry.id(),
                    info.status(),
                    text(info.beginTime()),
                    text(info.endTime()),
                    text(info.timeline()),
                    info.backupName().orElse("") + entry.kept().map(kept -> " (kept)").orElse(""));
          }
          for (String leftover : catalogue.leftovers()) {
            out().printf(row, leftover, "-", "", "", "", "no backup.info: running or broken off");
          }
          return 0;
        });
  }

  @Command(name = "show", description = "Shows one backup.", mixinStandardHelpOptions = true)
  int show(
      @Mixin StoreOptions store,
      @Parameters(paramLabel = "ID", description = "The backup's id.") String id,
      @Option(names = "--json", description = "Answer in JSON.") boolean json)
      throws IOException {
    return store.with(
        archive -> {
          Entry entry = find(Catalogue.read(archive), id);
          if (json) {
            out().println(JSON.writeValueAsString(json(entry)));
          } else {
            out().print(new String(entry.info().toBytes(), StandardCharsets.UTF_8));
          }
          return 0;
        });
  }

  @Command(
      name = "plan",
      description = "Says which backup a recovery would begin with, and why not others.",
      mixinStandardHelpOptions = true)
  int plan(@Mixin StoreOptions store, @Mixin TargetOptions target) throws IOException {
    return store.with(
        archive -> {
          BackupChoice choice =
              BackupChoice.choose(archive, Catalogue.read(archive), target.target());
          BackupParts parts = BackupParts.find(archive, choice.backup());
          BackupInfo info = choice.backup().info();
          out().println("backup      " + choice.backup().id());
          out().println("ended       " + text(info.endTime()) + " at " + text(info.endLsn()));
          out().println("timeline    " + text(info.timeline()));
          out().println("first WAL   " + text(info.beginWal()));
          out().println("download    " + parts.size() + " bytes");
          choice.passedOver().forEach(why -> out().println("passed over " + why));
          return 0;
        });
  }

  @Command(
      name = "restore",
      description =
          "Restores a backup's files. PostgreSQL then needs recovery.signal, a restore_command and"
              + " the recovery target.",
      mixinStandardHelpOptions = true)
  int restore(
      @Mixin StoreOptions store,
      @Mixin TargetOptions target,
      @Option(
              names = "--to",
              required = true,
              paramLabel = "DIR",
              description = "An empty directory that becomes PGDATA.")
          Path to,
      @Option(names = "--wal-directory", paramLabel = "DIR", description = "Where pg_wal links to.")
          @Nullable Path walDirectory,
      @Option(
              names = "--tablespace",
              paramLabel = "NAME=DIR",
              description = "Another place for a tablespace.")
          @Nullable Map<String, Path> tablespaces,
      @Option(
              names = "--workers",
              defaultValue = "2",
              description = "How many archives at a time (default: ${DEFAULT-VALUE}).")
          int workers)
      throws IOException {
    return store.with(
        archive -> {
          BackupChoice choice =
              BackupChoice.choose(archive, Catalogue.read(archive), target.target());
          long bytes =
              BackupRestore.restore(
                  archive,
                  choice.backup(),
                  new BackupRestore.Destination(
                      to,
                      Optional.ofNullable(walDirectory),
                      Objects.requireNonNullElse(tablespaces, Map.of()),
                      Math.max(1, workers)));
          out().println("restored " + choice.backup().id() + ", " + bytes + " bytes, to " + to);
          return 0;
        });
  }

  @Command(
      name = "verify",
      description = "Reads a whole backup and its WAL, and says what is wrong with it.",
      mixinStandardHelpOptions = true)
  int verify(
      @Mixin StoreOptions store,
      @Parameters(paramLabel = "ID", description = "The backup's id.") String id)
      throws IOException {
    return store.with(
        archive -> {
          BackupVerification found =
              BackupVerification.of(archive, find(Catalogue.read(archive), id));
          found.problems().forEach(problem -> out().println("wrong     " + problem));
          found.unproven().forEach(what -> out().println("unproven  " + what));
          out().println((found.sound() ? "sound     " : "not sound ") + id);
          return found.sound() ? 0 : 1;
        });
  }

  @Command(
      name = "delete",
      description = "Deletes a backup, but never the last that can be restored. WAL stays.",
      mixinStandardHelpOptions = true)
  int delete(
      @Mixin StoreOptions store,
      @Parameters(paramLabel = "ID", description = "The backup's id.") String id,
      @Option(names = "--yes", required = true, description = "Really.") boolean yes)
      throws IOException {
    return store.with(
        archive -> {
          int objects = BackupDeletion.delete(archive, Catalogue.read(archive), id);
          out().println("deleted " + id + ", " + objects + " objects");
          return 0;
        });
  }

  @Command(
      name = "check",
      description = "Checks that the archive can be read, and says what it holds.",
      mixinStandardHelpOptions = true)
  int check(@Mixin StoreOptions store) throws IOException {
    return store.with(
        archive -> {
          Catalogue catalogue = Catalogue.read(archive);
          WalInventory wal = WalInventory.read(archive);
          out().println("archive     " + archive.location());
          out()
              .println(
                  "backups     %d, of which %d can be restored"
                      .formatted(catalogue.backups().size(), catalogue.restorable().size()));
          out().println("recoverable from " + text(catalogue.firstRecoverabilityPoint()));
          out().println("WAL         " + text(wal.first()) + " to " + text(wal.last()));
          return 0;
        });
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  private static Entry find(Catalogue catalogue, String id) {
    return catalogue
        .find(id)
        .orElseThrow(
            () -> new PluginException(PluginException.Kind.NOT_FOUND, "there is no backup " + id));
  }

  private static ObjectNode json(Entry entry) {
    BackupInfo info = entry.info();
    Map<String, Optional<String>> fields = new LinkedHashMap<>();
    fields.put("name", info.backupName());
    fields.put("status", info.text("status"));
    fields.put("beginTime", info.beginTime().map(Instant::toString));
    fields.put("endTime", info.endTime().map(Instant::toString));
    fields.put("beginWal", info.beginWal());
    fields.put("endWal", info.endWal());
    fields.put("beginLsn", info.beginLsn().map(Objects::toString));
    fields.put("endLsn", info.endLsn().map(Objects::toString));
    fields.put("systemId", info.systemId());
    fields.put("error", info.error());
    fields.put("kept", entry.kept().map(String::strip));
    ObjectNode json = JSON.createObjectNode().put("id", entry.id());
    fields.forEach((name, value) -> value.ifPresent(text -> json.put(name, text)));
    info.timeline().ifPresent(timeline -> json.put("timeline", timeline));
    info.version().ifPresent(version -> json.put("version", version));
    info.clusterSize().ifPresent(size -> json.put("clusterSize", size));
    List<BackupInfo.Tablespace> tablespaces = info.tablespaces();
    if (!tablespaces.isEmpty()) {
      ArrayNode list = json.putArray("tablespaces");
      tablespaces.forEach(
          tablespace ->
              list.addObject()
                  .put("name", tablespace.name())
                  .put("oid", tablespace.oid())
                  .put("location", tablespace.location()));
    }
    return json;
  }

  private static String text(Optional<?> value) {
    return value.map(Object::toString).orElse("-");
  }
}
