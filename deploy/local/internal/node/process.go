package node

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

const (
	firstPause    = 200 * time.Millisecond
	longestPause  = 10 * time.Second
	calledHealthy = 30 * time.Second
	stopPatience  = 3 * time.Second
	logLimitBytes = 64 << 20
)

// process is one component as a child of the supervisor.
type process struct {
	name      string
	program   string
	arguments []string
	// after names those that must be ready before it starts.
	after []string
	// ready answers nil once the component does its work; nil means as soon as it runs.
	ready func(context.Context) error
}

// keepRunning starts the process and starts it again whenever it ends, until the context does.
func (p *process) keepRunning(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		started := time.Now()
		err := p.runOnce(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(started) > calledHealthy {
			pause = firstPause
		}
		log.Printf("%s ended (%v), starts again in %s", p.name, err, pause)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(pause*2, longestPause)
	}
}

// runOnce runs the process to its end; the end of the context asks it to stop.
func (p *process) runOnce(ctx context.Context) error {
	// The kernel sends the death signal when the *thread* that started the child ends.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	output, err := openLog(p.name)
	if err != nil {
		return err
	}
	defer output.Close()
	child := exec.CommandContext(ctx, p.program, p.arguments...)
	child.Stdout, child.Stderr = output, output
	child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	child.Cancel = func() error { return child.Process.Signal(syscall.SIGTERM) }
	child.WaitDelay = stopPatience
	return child.Run()
}

// openLog opens a component's log for appending; one that has grown large starts anew.
func openLog(name string) (*os.File, error) {
	flags := os.O_CREATE | os.O_WRONLY | os.O_APPEND
	if info, err := os.Stat(LogPath(name)); err == nil && info.Size() > logLimitBytes {
		flags |= os.O_TRUNC
	}
	return os.OpenFile(LogPath(name), flags, 0o644)
}

// waitUntil repeats the question until it is answered or the context ends, and then says what the
// last answer was.
func waitUntil(ctx context.Context, ask func(context.Context) error) error {
	for {
		attempt, cancel := context.WithTimeout(ctx, 2*time.Second)
		err := ask(attempt)
		cancel()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), fmt.Errorf("last answer: %w", err))
		case <-time.After(50 * time.Millisecond):
		}
	}
}
