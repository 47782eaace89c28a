package dev.howdah.plugins.objectstore.cli;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** {@code show}: all that an archive says of one backup. */
@Command(name = "show", description = "Shows one backup.", mixinStandardHelpOptions = true)
public final class ShowCommand extends ArchiveCommand {

  private static final JsonMapper JSON = JsonMapper.shared();

  @Parameters(paramLabel = "ID", description = "The backup's id.")
  private String id;

  @Option(names = "--json", description = "Answer in JSON.")
  private boolean json;

  /** Made by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the fields before it runs anything
  public ShowCommand() {}

  @Override
  int run(Archive archive) throws IOException {
    Entry entry = backup(archive, id);
    if (json) {
      out().println(JSON.writeValueAsString(CatalogueJson.of(entry)));
    } else {
      out().print(new String(entry.info().toBytes(), StandardCharsets.UTF_8));
    }
    return 0;
  }
}
