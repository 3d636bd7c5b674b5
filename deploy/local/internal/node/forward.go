package node

import (
	"context"
	"io"
	"log"
	"net"
	"sync"
	"time"
)

// forwardIngress lets pods reach the ingress at the bridge's address, while Envoy itself listens
// on the loopback only: it is not to be seen from the network the machine is in.
func forwardIngress(ctx context.Context, from, to string) {
	for ctx.Err() == nil {
		if err := forward(ctx, from, to); err != nil && ctx.Err() == nil {
			log.Printf("forward %s to %s: %v", from, to, err)
			time.Sleep(time.Second)
		}
	}
}

func forward(ctx context.Context, from, to string) error {
	listener, err := net.Listen("tcp", from)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { listener.Close() })
	defer stop()
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go join(connection.(*net.TCPConn), to)
	}
}

// join copies both ways until both sides have said that they are done.
func join(client *net.TCPConn, to string) {
	defer client.Close()
	dialled, err := net.DialTimeout("tcp", to, 5*time.Second)
	if err != nil {
		return
	}
	server := dialled.(*net.TCPConn)
	defer server.Close()
	var both sync.WaitGroup
	copyAll := func(target, source *net.TCPConn) {
		_, _ = io.Copy(target, source)
		_ = target.CloseWrite()
	}
	both.Go(func() { copyAll(server, client) })
	both.Go(func() { copyAll(client, server) })
	both.Wait()
}
