package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"anomem/serve"
)

// writeCertificate writes a certificate for 127.0.0.1 with a serial number, and its key.
func writeCertificate(t *testing.T, cert, key string, serial int64) *x509.Certificate {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(serial), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return c
}

// A server speaks TLS by a certificate that can be replaced while it runs.
func TestCertificates(t *testing.T) {
	dir := t.TempDir()
	f := &serveFlags{listen: "127.0.0.1:0", cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem"), connections: 9, grace: time.Minute}
	f.limits = serve.DefaultLimits()
	if _, err := f.certificate(); err == nil {
		t.Fatal("a certificate that is not there was read")
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(writeCertificate(t, f.cert, f.key, 1))
	c, err := f.certificate()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", f.listen)
	if err != nil {
		t.Fatal(err)
	}
	s, err := serve.New(serve.Options{Limits: f.limits, Local: f.local()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	server := &http.Server{Handler: s, TLSConfig: &tls.Config{GetCertificate: c.get}}
	go server.ServeTLS(l, "", "")
	defer server.Close()
	serial := func() int64 {
		t.Helper()
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}, DisableKeepAlives: true}}
		w, err := client.Get("https://" + l.Addr().String() + "/v2/health/live")
		if err != nil {
			t.Fatal(err)
		}
		w.Body.Close()
		return w.TLS.PeerCertificates[0].SerialNumber.Int64()
	}
	if got := serial(); got != 1 {
		t.Errorf("certificate %d", got)
	}
	trusted.AddCert(writeCertificate(t, f.cert, f.key, 2))
	if err := c.reload(); err != nil {
		t.Fatal(err)
	}
	if got := serial(); got != 2 {
		t.Errorf("after a reload: certificate %d", got)
	}
	if err := os.Truncate(f.key, 30); err != nil {
		t.Fatal(err)
	}
	if err := c.reload(); err == nil {
		t.Error("a broken key was read")
	}
	if got := serial(); got != 2 {
		t.Errorf("after a broken reload: certificate %d", got)
	}
}

// Of three clients the third waits until one of the others goes.
func TestConnectionsAreLimited(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := limitConnections(inner, 2)
	accepted := make(chan net.Conn, 3)
	ended := make(chan error, 1)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				ended <- err
				return
			}
			accepted <- c
		}
	}()
	for range 3 {
		c, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	first, second := <-accepted, <-accepted
	select {
	case <-accepted:
		t.Error("a third connection was accepted")
	case <-time.After(30 * time.Millisecond):
	}
	first.Close()
	first.Close() // again makes no more room
	third := <-accepted
	if len(accepted) > 0 {
		t.Error("a fourth connection was accepted")
	}
	l.Close()
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("the end of a closed listener: %v", err)
	}
	second.Close()
	third.Close()
}
