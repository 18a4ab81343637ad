namespace DeviceMail.Bench;

/// <summary>Memory and start time of the shipped program.</summary>
public static class Footprint
{
    public const string Peak = "peak memory, 50 x 25 MB at once";
    public const string Start = "start to the first SMTP banner, second start, claimed";
    public const string Rest = "memory at rest, 5 s after the start";

    private static readonly Case Heavy = new(Peak, 50, 26_214_400) { Messages = 50 };
    private static readonly Case Idle = new(Start, 1, 0) { Messages = 0 };

    public static async Task MeasurePeakAsync(BenchOptions options, Figures results, CancellationToken cancel)
    {
        await using var gateway = await Gateway.StartAsync(options, Heavy, Upstream.Clear(9), cancel);
        await Load.RunAsync(Heavy, gateway, Heavy.Messages, cancel);
        results.Add(Peak, "DeviceMail", await gateway.MegabytesAsync("VmHWM"));
    }

    public static async Task MeasureStartAsync(BenchOptions options, Figures results, CancellationToken cancel)
    {
        await using var gateway = await Gateway.StartAsync(options, Idle, Upstream.Clear(9), cancel);
        var start = await gateway.RestartAsync(cancel);
        await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, cancel);
        results.Add(Rest, "DeviceMail", await gateway.MegabytesAsync("VmRSS"));
        results.Add(Start, "DeviceMail", start.TotalMilliseconds);
    }
}
