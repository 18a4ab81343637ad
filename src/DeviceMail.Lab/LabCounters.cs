using System.Text.Json.Serialization;

namespace DeviceMail.Lab;

/// <summary>How often the lab was asked, so that a test can say "one token call and no more".</summary>
public sealed class LabCounters
{
    private int _deviceCodes, _tokenCalls, _devicePolls, _refreshes, _connections, _signIns, _refusals, _messages, _peakSends;
    private int _graphCalls, _graphMessages, _peakGraphSends;

    public int DeviceCodes => _deviceCodes;

    /// <summary>All requests to the token endpoint, also those that a switch refused or dropped.</summary>
    public int TokenCalls => _tokenCalls;
    public int DevicePolls => _devicePolls;
    public int Refreshes => _refreshes;
    public int SmtpConnections => _connections;
    public int SmtpSignIns => _signIns;
    public int SmtpSignInsRefused => _refusals;
    public int SmtpMessages => _messages;

    /// <summary>The most sends of one mailbox that were under way at the same time.</summary>
    public int PeakConcurrentSends => _peakSends;

    /// <summary>All requests to Graph, also those that were refused; upload ranges are not among them.</summary>
    public int GraphCalls => _graphCalls;
    public int GraphMessages => _graphMessages;

    /// <summary>The most requests for one mailbox that were under way at Graph at the same time.</summary>
    public int PeakGraphSends => _peakGraphSends;

    public void Reset()
    {
        _graphCalls = _graphMessages = _peakGraphSends = 0;
        _deviceCodes = _tokenCalls = _devicePolls = _refreshes = 0;
        _connections = _signIns = _refusals = _messages = _peakSends = 0;
    }

    internal void CountDeviceCode() => Interlocked.Increment(ref _deviceCodes);
    internal void CountTokenCall() => Interlocked.Increment(ref _tokenCalls);
    internal void CountDevicePoll() => Interlocked.Increment(ref _devicePolls);
    internal void CountRefresh() => Interlocked.Increment(ref _refreshes);
    internal void CountConnection() => Interlocked.Increment(ref _connections);
    internal void CountSignIn() => Interlocked.Increment(ref _signIns);
    internal void CountRefusal() => Interlocked.Increment(ref _refusals);
    internal void CountMessage() => Interlocked.Increment(ref _messages);

    internal void CountGraphCall() => Interlocked.Increment(ref _graphCalls);
    internal void CountGraphMessage() => Interlocked.Increment(ref _graphMessages);
    internal void CountSends(int now) => Raise(ref _peakSends, now);
    internal void CountGraphSends(int now) => Raise(ref _peakGraphSends, now);

    private static void Raise(ref int peak, int now)
    {
        int seen;
        while (now > (seen = peak) && Interlocked.CompareExchange(ref peak, now, seen) != seen)
        {
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LabCounters))]
public sealed partial class LabJson : JsonSerializerContext;
