package dev.howdah.plugins.objectstore.cli;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.archive.Progress;
import dev.howdah.plugins.objectstore.recovery.BackupChoice;
import dev.howdah.plugins.objectstore.recovery.RecoveryTarget;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A command that works on one archive. Answers go to standard output; exit codes are 0 if all is
 * well, 1 if the answer is "no" or something failed, 2 if the command line is wrong.
 */
abstract class ArchiveCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private StoreOptions store;

  @Option(
      names = "--progress",
      negatable = true,
      description =
          "Show how far it has come, on standard error; without it, if there is a terminal.")
  private @Nullable Boolean progress;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields before it runs anything
  ArchiveCommand() {}

  /** Does it, and says what exit code to end with. */
  abstract int run(Archive archive) throws IOException;

  @Override
  public final Integer call() {
    try {
      return store.with(this::run);
    } catch (PluginException | IOException e) {
      return fail(e, 1);
    } catch (IllegalArgumentException e) {
      return fail(e, 2);
    }
  }

  private int fail(Exception failure, int exitCode) {
    spec.commandLine().getErr().println("object-store: " + sentence(failure));
    return exitCode;
  }

  // The message of a file's failure is often no more than its name.
  private static String sentence(Exception failure) {
    return switch (failure) {
      case NoSuchFileException file -> "there is no " + file.getFile();
      case AccessDeniedException file -> file.getFile() + " may not be used by this user";
      case FileSystemException file when file.getReason() == null ->
          file.getFile() + " can't be used";
      default -> String.valueOf(failure.getMessage());
    };
  }

  final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** Something long that is done with somebody looking, perhaps. */
  interface LongWork<T> {
    T run(Progress progress) throws IOException;
  }

  /**
   * Does something long.
   *
   * @param verb what, such as {@code restoring}
   * @param bytes whether it is bytes that it tells of
   */
  final <T> T showing(String verb, boolean bytes, LongWork<T> work) throws IOException {
    if (!Objects.requireNonNullElseGet(progress, ProgressLine::wanted)) {
      return work.run(Progress.NONE);
    }
    try (ProgressLine line = new ProgressLine(spec.commandLine().getErr(), verb, bytes)) {
      return work.run(line);
    }
  }

  final Catalogue catalogue(Archive archive) throws IOException {
    return showing("reading the catalogue", false, line -> Catalogue.read(archive, line));
  }

  final ArchiveIdentity identity(Archive archive, Catalogue catalogue) {
    return new ArchiveIdentity(
        archive.location(), archive.layout().server(), store.destination(), catalogue.databases());
  }

  /** Chooses the backup for a recovery; with some targets WAL is read for it. */
  final BackupChoice choose(Archive archive, RecoveryTarget target) throws IOException {
    Catalogue catalogue = catalogue(archive);
    return showing(
        "looking for the target in the WAL",
        false,
        line -> BackupChoice.choose(archive, catalogue, target, line));
  }

  final void print(JsonNode json) {
    out().println(JsonMapper.shared().writeValueAsString(json));
  }

  final Entry backup(Archive archive, String id) throws IOException {
    return catalogue(archive)
        .find(id)
        .orElseThrow(
            () ->
                new PluginException(
                    PluginException.Kind.NOT_FOUND,
                    "there is no backup %s in %s".formatted(id, archive.location())));
  }

  static String text(Optional<?> value) {
    return value.map(Object::toString).orElse("-");
  }
}
