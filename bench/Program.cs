using System.Runtime.InteropServices;
using DeviceMail.Bench;

using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    if (args is ["no-storage", var folder, var port])
    {
        await NoStorageGateway.RunAsync(folder, ushort.Parse(port), stop.Token);
        return 0;
    }
    if (BenchOptions.Read(args) is not { } options)
    {
        Console.Error.WriteLine(BenchOptions.Usage);
        return 2;
    }
    return await new Comparison(options).RunAsync(stop.Token);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}
