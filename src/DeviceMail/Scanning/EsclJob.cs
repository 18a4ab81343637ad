using System.Net;

namespace DeviceMail.Scanning;

/// <summary>What NextDocument led to.</summary>
internal abstract record NextPage
{
    public sealed record Begins(ReceivedPage Page) : NextPage;

    /// <param name="Last">Finished or Stopped.</param>
    public sealed record Ended(ScanStep Last) : NextPage;
}

/// <summary>One job at a scanner, from its request to its end; left before that, it is taken back.</summary>
internal sealed class EsclJob(EsclClient client, ScanFit fit) : IAsyncDisposable
{
    private const int LongestLocation = 2_048, MostLooks = 4;

    private static readonly TimeSpan _startLimit = TimeSpan.FromSeconds(60), _statusLimit = TimeSpan.FromSeconds(10), _deleteLimit = TimeSpan.FromSeconds(5);

    /// <summary>A lamp that is cold takes a minute, and some scanners answer only when the page is there.</summary>
    private static readonly TimeSpan _pageLimit = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan _busyPatience = TimeSpan.FromSeconds(60), _pagePatience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan _usualWait = TimeSpan.FromSeconds(1), _shortestWait = TimeSpan.FromMilliseconds(200), _longestWait = TimeSpan.FromSeconds(4);

    private readonly EsclChannel _channel = client.Channel;
    private string? _path;
    private bool _isOver;
    private int _pages;

    private TimeProvider Time => _channel.Time;

    /// <summary>Asks for the job, again and again while the scanner is busy. Null: the scanner has taken it.</summary>
    public async Task<ScanTrouble?> StartAsync(byte[] request, CancellationToken cancel)
    {
        var begun = Time.GetTimestamp();
        while (true)
        {
            var reply = await _channel.AskAsync(new EsclRequest(HttpMethod.Post, new Uri(_channel.Address.Root, "ScanJobs"), _startLimit) { Body = request }, cancel);
            if (reply is EsclReply.NoAnswer none) return none.Trouble;
            var answer = (EsclReply.Answered)reply;
            if (answer.Status is HttpStatusCode.Created or HttpStatusCode.OK or HttpStatusCode.Accepted)
            {
                _path = PathOf(answer.Location);
                return _path is null ? new ScanTrouble(ScanTroubleKind.Unreadable, $"{_channel.Scanner} does not say where the pages are. Switch it off and on; if that does not help, update its firmware.") : null;
            }
            if (await WhyNotAsync(answer.Status, cancel) is { } trouble) return trouble;
            if (Time.GetElapsedTime(begun) >= _busyPatience) return ScanTroubles.At(ScanTroubleKind.Busy, _channel.Scanner);
            await WaitAsync(answer.RetryAfter, cancel);
        }
    }

    /// <summary>Waits for the next page, or for the end.</summary>
    /// <param name="folder">Where its file lies.</param>
    public async Task<NextPage> NextAsync(string folder, CancellationToken cancel)
    {
        var begun = Time.GetTimestamp();
        while (true)
        {
            var reply = await _channel.OpenAsync(new EsclRequest(HttpMethod.Get, At($"{_path}/NextDocument"), _pageLimit), cancel);
            switch (reply)
            {
                case EsclReply.Opened opened:
                    if (await BeginsAsync(opened, folder, cancel) is not { } page) return new NextPage.Ended(await EndAsync(cancel));
                    return new NextPage.Begins(page);
                case EsclReply.NoAnswer none:
                    return new NextPage.Ended(await StopAsync(none.Trouble, cancel));
                case EsclReply.Answered { Status: HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests } busy:
                    var (status, _) = await client.StatusAsync(_statusLimit, cancel);
                    if (status is not null && TroubleOf(status) is { } trouble) return new NextPage.Ended(new ScanStep.Stopped(trouble));
                    if (Time.GetElapsedTime(begun) >= _pagePatience) return new NextPage.Ended(new ScanStep.Stopped(ScanTroubles.At(ScanTroubleKind.Busy, _channel.Scanner)));
                    await WaitAsync(busy.RetryAfter, cancel);
                    break;
                // 409 is what some say in place of 404 when no page is left.
                case EsclReply.Answered { Status: HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.Conflict or HttpStatusCode.OK or HttpStatusCode.NoContent }:
                    return new NextPage.Ended(await EndAsync(cancel));
                case EsclReply.Answered { Status: >= HttpStatusCode.InternalServerError }:
                    return new NextPage.Ended(await StopAsync(ScanTroubles.At(ScanTroubleKind.Aborted, _channel.Scanner), cancel));
                case EsclReply.Answered refused:
                    return new NextPage.Ended(await StopAsync(_channel.Explain(refused.Status), cancel));
                default:
                    throw new InvalidOperationException($"{reply} is no reply.");
            }
        }
    }

    /// <summary>A page is in the folder. Null: others may follow.</summary>
    public ScanStep.Finished? Count()
    {
        _pages++;
        // One sheet lies on the glass. Asked again, some scan it again.
        return fit.Settings.Source == ScanSource.Glass ? new ScanStep.Finished() : null;
    }

    /// <summary>What the scanner says of an end that came too early: paper that jams breaks the connection of some.</summary>
    /// <param name="seen">What it looks like from here.</param>
    public async Task<ScanStep.Stopped> StopAsync(ScanTrouble seen, CancellationToken cancel)
    {
        if (seen.Kind is not (ScanTroubleKind.CutOff or ScanTroubleKind.Aborted or ScanTroubleKind.Busy)) return new ScanStep.Stopped(seen);
        var (status, _) = await client.StatusAsync(_statusLimit, cancel);
        return new ScanStep.Stopped(status is null ? seen : TroubleOf(status) ?? (_pages == 0 && IsEmpty(status) ? ScanTroubles.At(ScanTroubleKind.FeederEmpty, _channel.Scanner) : seen));
    }

    public async ValueTask DisposeAsync()
    {
        if (_path is not null && !_isOver) await _channel.AskAsync(new EsclRequest(HttpMethod.Delete, At(_path), _deleteLimit), CancellationToken.None);
    }

    private async Task<ReceivedPage?> BeginsAsync(EsclReply.Opened opened, string folder, CancellationToken cancel)
    {
        var page = new ReceivedPage(_channel, opened, folder);
        try
        {
            if (await page.BeginsAsync(cancel)) return page;
        }
        catch
        {
            await page.DisposeAsync();
            throw;
        }
        await page.DisposeAsync();
        return null;
    }

    /// <summary>No page is left: the scanner says whether that is because all were read. Some take a moment to know.</summary>
    private async Task<ScanStep> EndAsync(CancellationToken cancel)
    {
        ScannerStatus? status = null;
        for (var looks = 1; looks <= MostLooks; looks++)
        {
            (status, _) = await client.StatusAsync(_statusLimit, cancel);
            if (status is not null && status.Find(_path!) is not { IsUnderWay: true }) break;
            if (looks < MostLooks) await WaitAsync(null, cancel);
        }
        if (status is null)
        {
            return new ScanStep.Stopped(new ScanTrouble(ScanTroubleKind.CutOff,
                $"{_channel.Scanner} no longer answers and did not tell whether that was the last page. Look at the pages, put what is missing in again, and go on."));
        }
        if (_pages == 0 && IsEmpty(status) && status.Find(_path!) is not { IsCancelled: true }) return new ScanStep.Stopped(ScanTroubles.At(ScanTroubleKind.FeederEmpty, _channel.Scanner));
        if (TroubleOf(status) is { } trouble) return new ScanStep.Stopped(trouble);
        if (_pages == 0) return new ScanStep.Stopped(ScanTroubles.At(ScanTroubleKind.Aborted, _channel.Scanner));
        _isOver = true;
        return new ScanStep.Finished();
    }

    /// <summary>Why the scanner cannot go on; null: nothing says that it cannot.</summary>
    private ScanTrouble? TroubleOf(ScannerStatus status)
    {
        var job = status.Find(_path!);
        if (job is { IsCancelled: true }) return new ScanTrouble(ScanTroubleKind.Aborted, $"The scan was cancelled at {_channel.Scanner}. Put what is missing in again, and go on.");
        // Who takes the sheets out after the last page opens the cover too.
        if (FeederTrouble(status) is { } kind && !(kind == ScanTroubleKind.CoverOpen && job is { IsCompleted: true })) return ScanTroubles.At(kind, _channel.Scanner);
        return job is { IsBroken: true } ? ScanTroubles.At(ScanTroubleKind.Aborted, _channel.Scanner) : null;
    }

    private ScanTroubleKind? FeederTrouble(ScannerStatus status) => fit.Settings.Source == ScanSource.Feeder ? status.FeederTrouble : null;

    private bool IsEmpty(ScannerStatus status) => fit.Settings.Source == ScanSource.Feeder && status.IsFeederEmpty;

    /// <summary>Null: it is busy, and is asked again.</summary>
    private async Task<ScanTrouble?> WhyNotAsync(HttpStatusCode code, CancellationToken cancel)
    {
        var (status, _) = await client.StatusAsync(_statusLimit, cancel);
        if (status is not null && FeederTrouble(status) is { } kind) return ScanTroubles.At(kind, _channel.Scanner);
        if (status is not null && IsEmpty(status)) return ScanTroubles.At(ScanTroubleKind.FeederEmpty, _channel.Scanner);
        if (code is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests || code == HttpStatusCode.Conflict && status is { IsBusy: true }) return null;
        return code is HttpStatusCode.BadRequest or HttpStatusCode.Conflict or HttpStatusCode.UnsupportedMediaType or HttpStatusCode.UnprocessableEntity
            ? new ScanTrouble(ScanTroubleKind.Refused, $"{_channel.Scanner} does not take these settings (HTTP {(int)code}). Choose another resolution, colour, size or format, then scan again.")
            : _channel.Explain(code);
    }

    private Task WaitAsync(TimeSpan? asked, CancellationToken cancel)
    {
        var wait = asked ?? _usualWait;
        return Task.Delay(wait < _shortestWait ? _shortestWait : wait > _longestWait ? _longestWait : wait, Time, cancel);
    }

    /// <summary>The path of what the scanner names, which may be a whole address with another host or port in it; null: it names nothing.</summary>
    private string? PathOf(string? location)
    {
        if (string.IsNullOrWhiteSpace(location) || location.Length > LongestLocation) return null;
        if (!Uri.TryCreate(new Uri(_channel.Address.Root, "ScanJobs"), location.Trim(), out var uri) || uri.Scheme is not ("http" or "https")) return null;
        return uri.AbsolutePath.TrimEnd('/') is { Length: > 0 } path ? path : null;
    }

    /// <summary>The scanner's own host and port stand before every path.</summary>
    private Uri At(string path) => new($"{_channel.Address.Root.GetLeftPart(UriPartial.Authority)}{path}");
}
