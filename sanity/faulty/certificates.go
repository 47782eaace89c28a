package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// certificates writes server.crt, client.crt and client.key as the Secrets would hold them, and a
// second pair next.crt and next.key to rotate to.
func (h *host) certificates() (*tls.Config, error) {
	names := h.names
	if h.fault == "TLS-06" {
		names = []string{"other.example.com"}
	}
	validity := 90 * 24 * time.Hour
	if h.fault == "TLS-08" {
		validity = 48 * time.Hour
	}
	server, err := h.write("server", names, validity)
	if err != nil {
		return nil, err
	}
	if _, err := h.write("next", names, validity); err != nil {
		return nil, err
	}
	client, err := h.write("client", []string{"operator"}, validity)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{
		Certificates: []tls.Certificate{server},
		MinVersion:   tls.VersionTLS13,
		ClientAuth:   tls.RequireAnyClientCert,
		NextProtos:   []string{"h2"},
		// An empty list of accepted issuers: Go's clients withhold their certificate otherwise.
		VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) error {
			if len(raw) > 0 && string(raw[0]) != string(client.Certificate[0]) && h.fault != "TLS-04" {
				return fmt.Errorf("this client is a stranger")
			}
			return nil
		},
	}
	switch h.fault {
	case "TLS-05":
		config.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			another, err := selfSigned("server", names, validity)
			return &another, err
		}
	case "TLS-07":
	default:
		config.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			current, err := tls.LoadX509KeyPair(filepath.Join(h.tls, "server.crt"), filepath.Join(h.tls, "server.key"))
			return &current, err
		}
	}
	return config, h.spoil(config)
}

func (h *host) spoil(config *tls.Config) error {
	switch h.fault {
	case "TLS-01":
		config.MinVersion = tls.VersionTLS12
		config.MaxVersion = tls.VersionTLS12
	case "TLS-02":
		config.MinVersion = tls.VersionTLS12
	case "TLS-03":
		config.ClientAuth = tls.RequestClientCert
	case "TLS-09":
		config.NextProtos = nil
	case "TLS-10":
		nobody, err := selfSigned("nobody", []string{"nobody"}, time.Hour)
		if err != nil {
			return err
		}
		leaf, err := x509.ParseCertificate(nobody.Certificate[0])
		if err != nil {
			return err
		}
		config.ClientCAs = x509.NewCertPool()
		config.ClientCAs.AddCert(leaf)
	}
	return nil
}

func (h *host) write(file string, names []string, validity time.Duration) (tls.Certificate, error) {
	pair, err := selfSigned(file, names, validity)
	if err != nil {
		return pair, err
	}
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		return pair, err
	}
	for ending, block := range map[string]*pem.Block{
		".crt": {Type: "CERTIFICATE", Bytes: pair.Certificate[0]},
		".key": {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(filepath.Join(h.tls, file+ending), pem.EncodeToMemory(block), 0o600); err != nil {
			return pair, err
		}
	}
	return pair, nil
}

func selfSigned(subject string, names []string, validity time.Duration) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(time.Now().UnixNano()),
		Subject:               pkix.Name{CommonName: subject},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(validity),
		DNSNames:              names,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, nil
}
