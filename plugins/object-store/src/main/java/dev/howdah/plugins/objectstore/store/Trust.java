package dev.howdah.plugins.objectstore.store;

import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** Trust in the authorities that a store's settings name, and in no others. */
final class Trust {

  private Trust() {}

  /**
   * Trust managers for some authorities.
   *
   * @throws StoreException of kind {@code MISCONFIGURED} if they can't be used
   */
  static TrustManager[] in(List<X509Certificate> certificates) throws StoreException {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < certificates.size(); i++) {
        store.setCertificateEntry("authority-" + i, certificates.get(i));
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return factory.getTrustManagers();
    } catch (GeneralSecurityException | IOException e) {
      throw new StoreException(
          Kind.MISCONFIGURED, "the certificates of endpointCA can't be used", e);
    }
  }
}
