using System.Collections.Concurrent;
using DeviceMail.Activity;
using DeviceMail.Web;
using Microsoft.Extensions.Hosting;

namespace DeviceMail.People;

/// <summary>What became of an import.</summary>
internal abstract record ImportOutcome
{
    public sealed record Done(int New, int Changed, int Unchanged) : ImportOutcome
    {
        public string Sentence => $"{Count(New)} added, {Changed:N0} changed, {Unchanged:N0} unchanged.";

        private static string Count(int users) => users == 1 ? "1 user" : $"{users:N0} users";
    }

    /// <summary>Nothing was done.</summary>
    public sealed record Refused(IReadOnlyList<LineFault> Faults) : ImportOutcome;
}

/// <summary>An import that goes on, or has ended: passwords take a tenth of a second each.</summary>
internal sealed class ImportRun(int passwords)
{
    private int _ready;

    public int Passwords => passwords;

    public int Ready => Volatile.Read(ref _ready);

    /// <summary>Null while it goes on.</summary>
    public ImportOutcome? Outcome => Task.IsCompletedSuccessfully ? Task.Result : null;

    /// <summary>Whether the gateway stopped or its disk failed before anything was written.</summary>
    public bool IsLost => Task.IsFaulted || Task.IsCanceled;

    public Task<ImportOutcome> Task { get; set; } = null!;

    public void Tell(int ready) => Volatile.Write(ref _ready, ready);
}

/// <summary>
/// Imports of users: a file is looked at first, and waits in memory for the word of whoever looked; never on the disk, and never in a page, because it
/// may hold passwords.
/// </summary>
internal sealed class PeopleImports(PersonRegister people, ActivityLog activity, TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>So many passwords are made ready while the browser waits.</summary>
    private const int Quick = 50;

    private static readonly TimeSpan _life = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, (PeopleFile File, DateTimeOffset Until)> _waiting = new();
    private readonly ConcurrentDictionary<string, (ImportRun Run, DateTimeOffset Until)> _runs = new();

    /// <summary>Looks at a file, and keeps a good one until the same login says that it shall be.</summary>
    public ImportPreview Look(Session session, PeopleFile file)
    {
        Forget();
        _waiting.TryRemove(session.Key, out _);
        _runs.TryRemove(session.Key, out _);
        var preview = PeopleImport.Judge(file, people);
        if (preview.Faults.Count == 0) _waiting[session.Key] = (file, time.GetUtcNow() + _life);
        return preview;
    }

    /// <summary>Carries out what the login looked at; returns when it is done, or when it takes long. Null: nothing waits.</summary>
    public async Task<ImportRun?> BeginAsync(Session session, string who)
    {
        Forget();
        if (!_waiting.TryRemove(session.Key, out var waiting)) return null;
        var run = new ImportRun(waiting.File.Lines.Count(line => line[PeopleFile.Password] is not null));
        run.Task = CarryOutAsync(waiting.File, who, run.Tell);
        _runs[session.Key] = (run, DateTimeOffset.MaxValue);
        var ended = run.Task.ContinueWith(_ => _runs[session.Key] = (run, time.GetUtcNow() + _life), TaskScheduler.Default);
        if (run.Passwords <= Quick) await ended;
        return run;
    }

    public ImportRun? Find(Session session) => _runs.TryGetValue(session.Key, out var found) ? found.Run : null;

    /// <summary>Does all that the file says, or nothing.</summary>
    public async Task<ImportOutcome> CarryOutAsync(PeopleFile file, string who, Action<int>? hashed)
    {
        // Judged again: somebody may have added a user since it was looked at.
        var preview = PeopleImport.Judge(file, people);
        if (preview.Faults.Count > 0) return new ImportOutcome.Refused(preview.Faults);
        if (await people.SaveAllAsync([.. preview.Changes.Select(one => one.Change)], hashed, lifetime.ApplicationStopping) is PeopleSave.Refused refused)
            return new ImportOutcome.Refused([new LineFault(preview.Changes[refused.Index].Line, PeopleImport.ColumnOf(refused.Why.Field), refused.Why.Sentence)]);
        var done = new ImportOutcome.Done(preview.New.Count, preview.Changed.Count, preview.Unchanged);
        await activity.RecordAsync(Subject.Person, "Users", $"Users were imported by {who}: {done.Sentence}");
        return done;
    }

    private void Forget()
    {
        var now = time.GetUtcNow();
        foreach (var (key, old) in _waiting)
            if (old.Until < now) _waiting.TryRemove(key, out _);
        foreach (var (key, old) in _runs)
            if (old.Until < now) _runs.TryRemove(key, out _);
    }
}
