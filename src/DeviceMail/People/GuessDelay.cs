namespace DeviceMail.People;

/// <summary>
/// Makes guessing slow without locking anybody out for ever: a person and a place wait longer after each wrong try, up to a minute. A place where
/// the person signed in before has a count of its own for that person, so that a stranger elsewhere does not hold the person up there.
/// </summary>
internal sealed class GuessDelay(TimeProvider time)
{
    internal const int Remembered = 10_000, FreeTries = 3, GuessesAnHour = 10;

    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(60), _window = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Failures> _failed = [];
    private readonly Dictionary<string, List<DateTimeOffset>> _guesses = [];
    private readonly HashSet<string> _known = [];

    /// <summary>How many people and places are remembered.</summary>
    internal int Count
    {
        get
        {
            lock (_lock) return _failed.Count + _guesses.Count;
        }
    }

    /// <summary>
    /// How long to wait; zero when this try counts. It then counts as failed until <see cref="Succeeded"/> takes it back: the check of a password is
    /// slow, and tries that run at once must not all pass before the first has failed.
    /// </summary>
    public TimeSpan Begin(string person, string place)
    {
        lock (_lock) return BeginAll([PersonKey(person, place), PlaceKey(place)]);
    }

    public void Succeeded(string person, string place)
    {
        lock (_lock)
        {
            _failed.Remove(PersonKey(person, place));
            _failed.Remove(PlaceKey(place));
            if (_known.Count < Remembered) _known.Add(Both(person, place));
        }
    }

    /// <summary>For what names a person by itself: every number is a target there, so a place has ten wrong tries an hour, whoever signs in between.</summary>
    public TimeSpan BeginAtPlace(string place)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var guesses = _guesses.GetValueOrDefault(place) ?? [];
            guesses.RemoveAll(at => at + _window <= now);
            if (guesses.Count >= GuessesAnHour && guesses[^1] + _longest > now) return guesses[^1] + _longest - now;
            var wait = BeginAll([PlaceKey(place)]);
            if (wait > TimeSpan.Zero) return wait;
            if (_guesses.Count >= Remembered) _guesses.Remove(_guesses.MinBy(one => one.Value.LastOrDefault()).Key);
            guesses.Add(now);
            _guesses[place] = guesses;
            return TimeSpan.Zero;
        }
    }

    public void SucceededAtPlace(string place)
    {
        lock (_lock)
        {
            _failed.Remove(PlaceKey(place));
            if (_guesses.GetValueOrDefault(place) is { Count: > 0 } guesses) guesses.RemoveAt(guesses.Count - 1);
        }
    }

    private TimeSpan BeginAll(ReadOnlySpan<string> keys)
    {
        var (now, longest) = (time.GetUtcNow(), TimeSpan.Zero);
        foreach (var key in keys)
            if (_failed.TryGetValue(key, out var count) && count.NotBefore - now is var wait && wait > longest) longest = wait;
        if (longest > TimeSpan.Zero) return longest;
        foreach (var key in keys)
        {
            var failures = _failed.TryGetValue(key, out var count) && count.Last + _window > now ? count.Count + 1 : 1;
            if (_failed.Count >= Remembered && !_failed.ContainsKey(key)) _failed.Remove(_failed.MinBy(one => one.Value.Last).Key);
            var next = failures < FreeTries ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Pow(2, Math.Min(failures - FreeTries, 10)));
            _failed[key] = new Failures(failures, now, now + (next < _longest ? next : _longest));
        }
        return TimeSpan.Zero;
    }

    private string PersonKey(string person, string place) => _known.Contains(Both(person, place)) ? Both(person, place) : $"person\n{person}";

    private static string PlaceKey(string place) => $"place\n{place}";

    private static string Both(string person, string place) => $"both\n{person}\n{place}";

    private sealed record Failures(int Count, DateTimeOffset Last, DateTimeOffset NotBefore);
}
