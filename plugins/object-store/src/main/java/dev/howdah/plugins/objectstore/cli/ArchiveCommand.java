package dev.howdah.plugins.objectstore.cli;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * A command that works on one archive. Answers go to standard output; exit codes are 0 if all is
 * well, 1 if the answer is "no" or something failed, 2 if the command line is wrong.
 */
abstract class ArchiveCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private StoreOptions store;

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
    spec.commandLine().getErr().println("object-store: " + failure.getMessage());
    return exitCode;
  }

  final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  static Entry backup(Archive archive, String id) throws IOException {
    return Catalogue.read(archive)
        .find(id)
        .orElseThrow(
            () -> new PluginException(PluginException.Kind.NOT_FOUND, "there is no backup " + id));
  }

  static String text(Optional<?> value) {
    return value.map(Object::toString).orElse("-");
  }
}
