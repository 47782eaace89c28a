package dev.howdah.plugins.objectstore.store;

import com.azure.core.util.BinaryData;
import com.azure.core.util.Context;
import com.azure.storage.blob.BlobClient;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.batch.BlobBatchClient;
import com.azure.storage.blob.batch.BlobBatchClientBuilder;
import com.azure.storage.blob.batch.BlobBatchStorageException;
import com.azure.storage.blob.models.BlobErrorCode;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.BlobProperties;
import com.azure.storage.blob.models.BlobRange;
import com.azure.storage.blob.models.BlobRequestConditions;
import com.azure.storage.blob.models.BlobStorageException;
import com.azure.storage.blob.models.ListBlobsOptions;
import com.azure.storage.blob.options.BlobInputStreamOptions;
import com.azure.storage.blob.options.BlockBlobCommitBlockListOptions;
import com.azure.storage.blob.options.BlockBlobSimpleUploadOptions;
import com.azure.storage.blob.specialized.BlobInputStream;
import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A container of Azure Blob Storage. What an upload that was given up has sent is invisible, and
 * the service itself forgets it after a week: it knows no other way.
 */
public final class AzureStore implements Store {

  private static final int READ_BLOCK = 4 << 20;
  private static final int DELETE_BATCH = 256;
  private static final Duration SLOWEST_MEBIBYTE = Duration.ofSeconds(8);

  private final BlobContainerClient client;
  private final BlobBatchClient batches;
  private final AzureSettings settings;
  private final String root;

  private AzureStore(BlobContainerClient client, AzureSettings settings) {
    this.client = client;
    this.batches = new BlobBatchClientBuilder(client).buildClient();
    this.settings = settings;
    this.root = settings.path().isEmpty() ? "" : settings.path() + "/";
  }

  /**
   * Opens a container; nothing is sent yet.
   *
   * @throws StoreException of kind {@code MISCONFIGURED} if the settings can't be right
   */
  public static AzureStore open(AzureSettings settings) throws StoreException {
    return new AzureStore(AzureClients.open(settings), settings);
  }

  @Override
  public String location() {
    return client.getBlobContainerUrl().replaceFirst("\\?.*", "")
        + (settings.path().isEmpty() ? "" : "/" + settings.path());
  }

  @Override
  public PartLimits partLimits() {
    return new PartLimits(64 << 10, 1 << 30, 50_000);
  }

  @Override
  public Optional<StoredObject> find(String key) throws StoreException {
    BlobClient blob = blob(key);
    try {
      BlobProperties properties = blob.getProperties();
      return Optional.of(
          new StoredObject(
              key,
              properties.getBlobSize(),
              time(properties.getLastModified()),
              text(properties.getETag())));
    } catch (RuntimeException e) {
      StoreException failure = failure("look up", key, e);
      if (failure.kind() == Kind.NOT_FOUND) {
        return Optional.empty();
      }
      throw failure;
    }
  }

  @Override
  public Download read(String key, long offset, @Nullable String version) throws StoreException {
    BlobInputStreamOptions options = new BlobInputStreamOptions().setBlockSize(READ_BLOCK);
    if (offset > 0) {
      options.setRange(new BlobRange(offset));
    }
    if (version != null) {
      options.setRequestConditions(new BlobRequestConditions().setIfMatch(version));
    }
    BlobClient blob = blob(key);
    try {
      BlobInputStream in = blob.openInputStream(options);
      BlobProperties properties = in.getProperties();
      return new Download(
          new StoredObject(
              key,
              properties.getBlobSize(),
              time(properties.getLastModified()),
              text(properties.getETag())),
          new Translating(in, key));
    } catch (RuntimeException e) {
      throw failure("read", key, e);
    }
  }

  /** Turns the client's exceptions into those of a stream. */
  private final class Translating extends FilterInputStream {
    private final String key;

    Translating(InputStream in, String key) {
      super(in);
      this.key = key;
    }

    @Override
    public int read() throws IOException {
      try {
        return super.read();
      } catch (RuntimeException e) {
        throw failure("read", key, e);
      }
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      try {
        return super.read(bytes, offset, length);
      } catch (RuntimeException e) {
        throw failure("read", key, e);
      }
    }
  }

  @Override
  public void list(String prefix, Visitor visitor) throws StoreException {
    try {
      for (BlobItem item :
          client.listBlobs(new ListBlobsOptions().setPrefix(root + prefix), null)) {
        if (item.getName().endsWith("/")) {
          continue;
        }
        StoredObject found =
            new StoredObject(
                item.getName().substring(root.length()),
                Optional.ofNullable(item.getProperties().getContentLength()).orElse(0L),
                time(item.getProperties().getLastModified()),
                text(item.getProperties().getETag()));
        if (!visitor.visit(found)) {
          return;
        }
      }
    } catch (RuntimeException e) {
      throw failure("list", prefix, e);
    }
  }

  @Override
  public List<String> folders(String folder) throws StoreException {
    String prefix = root + Keys.checkedFolder(folder);
    List<String> names = new ArrayList<>();
    try {
      for (BlobItem item :
          client.listBlobsByHierarchy("/", new ListBlobsOptions().setPrefix(prefix), null)) {
        if (Boolean.TRUE.equals(item.isPrefix())) {
          String name = item.getName().substring(prefix.length());
          names.add(name.substring(0, name.length() - 1));
        }
      }
    } catch (RuntimeException e) {
      throw failure("list", folder, e);
    }
    return List.copyOf(names);
  }

  @Override
  public void put(String key, Content content, WriteOptions options) throws StoreException {
    BlobClient blob = blob(key);
    try (InputStream in = content.open()) {
      BlockBlobSimpleUploadOptions upload =
          new BlockBlobSimpleUploadOptions(replayable(content, in))
              .setRequestConditions(conditions(options));
      if (!options.tags().isEmpty()) {
        upload.setTags(options.tags());
      }
      blob.getBlockBlobClient()
          .uploadWithResponse(upload, timeoutFor(content.length()), Context.NONE);
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw new StoreException(Kind.UNAVAILABLE, "can't read what to store as " + key, e);
    } catch (RuntimeException e) {
      throw failure("store", key, e);
    }
  }

  // A request that is sent again reads its content again.
  private static BinaryData replayable(Content content, InputStream in) throws IOException {
    if (content.length() <= READ_BLOCK) {
      return BinaryData.fromBytes(in.readAllBytes());
    }
    return BinaryData.fromStream(new Reopened(content), content.length()).toReplayableBinaryData();
  }

  /** A content as a stream that can go back to its beginning. */
  private static final class Reopened extends InputStream {
    private final Content content;
    private InputStream in;

    Reopened(Content content) throws IOException {
      this.content = content;
      this.in = content.open();
    }

    @Override
    public int read() throws IOException {
      return in.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return in.read(bytes, offset, length);
    }

    @Override
    public boolean markSupported() {
      return true;
    }

    @Override
    public synchronized void mark(int limit) {
      // Always the beginning, which is the only place that is gone back to.
    }

    @Override
    public synchronized void reset() throws IOException {
      in.close();
      in = content.open();
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  @Override
  public Upload upload(String key, int partSize, WriteOptions options) throws StoreException {
    return new Blocks(Keys.checked(key), options);
  }

  private final class Blocks implements Upload {
    private final String key;
    private final WriteOptions options;
    private final Map<Integer, String> blocks = new TreeMap<>();
    // Blocks of the same name that several writers send would become one mixed blob.
    private final UUID writer = UUID.randomUUID();

    Blocks(String key, WriteOptions options) {
      this.key = key;
      this.options = options;
    }

    @Override
    public void part(int number, byte[] bytes, int length) throws StoreException {
      String id =
          Base64.getEncoder()
              .encodeToString(
                  "%s-%05d".formatted(writer, number).getBytes(StandardCharsets.US_ASCII));
      try {
        blob(key)
            .getBlockBlobClient()
            .stageBlockWithResponse(
                id,
                new ByteArrayInputStream(bytes, 0, length),
                length,
                null,
                null,
                timeoutFor(length),
                Context.NONE);
      } catch (RuntimeException e) {
        throw failure("store a part of", key, e);
      }
      synchronized (blocks) {
        blocks.put(number, id);
      }
    }

    @Override
    public void complete() throws StoreException {
      List<String> ids;
      synchronized (blocks) {
        ids = List.copyOf(blocks.values());
      }
      BlockBlobCommitBlockListOptions commit =
          new BlockBlobCommitBlockListOptions(ids).setRequestConditions(conditions(options));
      if (!options.tags().isEmpty()) {
        commit.setTags(options.tags());
      }
      try {
        blob(key)
            .getBlockBlobClient()
            .commitBlockListWithResponse(commit, settings.timeouts().attempt(), Context.NONE);
      } catch (RuntimeException e) {
        throw failure("complete", key, e);
      }
    }

    @Override
    public void abort() {
      // Blocks that were never committed can't be deleted; see the class's comment.
    }
  }

  @Override
  public void delete(Collection<String> keys) throws StoreException {
    List<String> all = List.copyOf(keys);
    for (int from = 0; from < all.size(); from += DELETE_BATCH) {
      deleteTogether(all.subList(from, Math.min(all.size(), from + DELETE_BATCH)));
    }
  }

  private void deleteTogether(List<String> keys) throws StoreException {
    if (keys.size() == 1) {
      deleteAlone(keys.getFirst());
      return;
    }
    List<String> addresses = keys.stream().map(key -> blob(key).getBlobUrl()).toList();
    try {
      // Each failure in it is one of these, which the pages throw when they are read.
      batches.deleteBlobs(addresses, null).forEach(response -> {});
    } catch (BlobBatchStorageException e) {
      if (onlyMissing(e)) {
        return;
      }
      // One by one they find out why.
      for (String key : keys) {
        deleteAlone(key);
      }
    } catch (RuntimeException e) {
      throw failure("delete", keys.getFirst(), e);
    }
  }

  private static boolean onlyMissing(BlobBatchStorageException failures) {
    for (BlobStorageException failure : failures.getBatchExceptions()) {
      if (failure.getStatusCode() != 404) {
        return false;
      }
    }
    return true;
  }

  private void deleteAlone(String key) throws StoreException {
    BlobClient blob = blob(key);
    try {
      blob.deleteIfExists();
    } catch (RuntimeException e) {
      throw failure("delete", key, e);
    }
  }

  private BlobClient blob(String key) {
    return client.getBlobClient(root + Keys.checked(key));
  }

  private static BlobRequestConditions conditions(WriteOptions options) {
    BlobRequestConditions conditions = new BlobRequestConditions();
    return options.onlyIfAbsent() ? conditions.setIfNoneMatch("*") : conditions;
  }

  private Duration timeoutFor(long bytes) {
    return settings
        .timeouts()
        .attempt()
        .plus(SLOWEST_MEBIBYTE.multipliedBy(bytes >> 20))
        .multipliedBy(settings.timeouts().attempts());
  }

  private StoreException failure(String verb, String key, RuntimeException e) {
    String what = "can't %s %s in %s".formatted(verb, key, location());
    if (Thread.currentThread().isInterrupted()) {
      return new StoreException(Kind.INTERRUPTED, what + ": it was given up", e);
    }
    if (!(e instanceof BlobStorageException service)) {
      return new StoreException(
          Kind.UNAVAILABLE, what + ": the service can't be reached or broke off", e);
    }
    BlobErrorCode code = service.getErrorCode();
    String because =
        what + ": " + (code == null ? "HTTP " + service.getStatusCode() : code.toString());
    if (BlobErrorCode.CONTAINER_NOT_FOUND.equals(code)) {
      return new StoreException(
          Kind.MISCONFIGURED,
          "the container %s doesn't exist; create it or correct destinationPath"
              .formatted(settings.container()),
          e);
    }
    // Whoever stores the blob in one go takes the blocks of others away.
    if (BlobErrorCode.BLOB_ALREADY_EXISTS.equals(code)
        || BlobErrorCode.INVALID_BLOCK_LIST.equals(code)) {
      return exists(key, e);
    }
    return switch (service.getStatusCode()) {
      case 404 -> new StoreException(Kind.NOT_FOUND, because, e);
      case 412 ->
          verb.equals("read")
              ? new StoreException(Kind.CHANGED, key + " was replaced while it was read", e)
              : exists(key, e);
      case 401, 403 ->
          new StoreException(
              Kind.DENIED, because + "; check azureCredentials and what they may do", e);
      // Immutable blobs answer so to deletion.
      case 409 ->
          new StoreException(verb.equals("delete") ? Kind.DENIED : Kind.UNAVAILABLE, because, e);
      case 400, 405, 411, 416 -> new StoreException(Kind.MISCONFIGURED, because, e);
      case 507 -> new StoreException(Kind.FULL, because, e);
      default -> new StoreException(Kind.UNAVAILABLE, because, e);
    };
  }

  private StoreException exists(String key, Throwable cause) {
    return new StoreException(Kind.EXISTS, "%s has %s already".formatted(location(), key), cause);
  }

  private static Instant time(@Nullable OffsetDateTime time) {
    return time == null ? Instant.EPOCH : time.toInstant();
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }

  @Override
  public void close() {
    // The HTTP client ends its connections when nobody refers to it any more.
  }
}
