package main

import (
	"crypto/tls"
	"net"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
)

// onHangup calls f at each SIGHUP until it is told to stop. Where there is no such signal it
// does nothing.
func onHangup(f func()) (stop func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-c:
				f()
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(c)
		close(done)
		<-ended
	}
}

// certificate is that of TLS, in two files that may be replaced.
type certificate struct {
	cert, key string
	now       atomic.Pointer[tls.Certificate]
}

// certificate returns what --tls-cert and --tls-key name, nil for nothing.
func (f *serveFlags) certificate() (*certificate, error) {
	if f.cert == "" {
		return nil, nil
	}
	c := &certificate{cert: f.cert, key: f.key}
	return c, c.reload()
}

// reload reads the files again. After an error the certificate stays.
func (c *certificate) reload() error {
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err == nil {
		c.now.Store(&pair)
	}
	return err
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.now.Load(), nil }

// limitConnections returns a listener that accepts a connection only while fewer than n are
// open. Further clients wait in the system's queue.
func limitConnections(l net.Listener, n int) net.Listener {
	return &fewListener{Listener: l, free: make(chan struct{}, n), closed: make(chan struct{})}
}

type fewListener struct {
	net.Listener
	free   chan struct{}
	once   sync.Once
	closed chan struct{}
}

// Accept implements net.Listener.
func (l *fewListener) Accept() (net.Conn, error) {
	select {
	case l.free <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.free
		return nil, err
	}
	return &fewConn{Conn: c, l: l}, nil
}

// Close implements net.Listener.
func (l *fewListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// fewConn is a connection that makes room when it closes.
type fewConn struct {
	net.Conn
	l    *fewListener
	once sync.Once
}

// Close implements net.Conn.
func (c *fewConn) Close() error {
	c.once.Do(func() { <-c.l.free })
	return c.Conn.Close()
}
