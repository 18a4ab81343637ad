using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DeviceMail.Queue;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeviceMail.Tests.Stories;

/// <summary>
/// The power goes at 200 moments of one run. What the program asked of the disk is recorded call by call; at each moment the disk holds what was synced,
/// and of the rest whatever chance leaves. Opened again, the queue has every mail for which a device had heard 250.
/// </summary>
[Trait(ProgramFile.Trait, ProgramFile.Value)]
public sealed class PowerCutTests
{
    private const string Anna = "anna@contoso.example";
    private const int Cuts = 200, Devices = 4, MailsEach = 40;

    [Fact]
    public async Task Every_250_is_kept_by_a_disk_that_lost_what_was_not_synced()
    {
        await Strace.SkipUnlessPermittedAsync();
        await using var gateway = await Gateway.StartProcessAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.ConcurrentSends = 1_000;
        using var work = new Folder();
        var mails = new ConcurrentDictionary<long, (string Subject, string Text)>();
        SyncedDisk disk;
        await using (await Strace.AttachAsync(gateway.ProcessId, "-y", "-xx", "-v", "-s", "4194304", "-o", work.In("calls"), "-e", DiskCalls.Traced))
        {
            disk = new SyncedDisk(gateway.DataPath);
            await Task.WhenAll(Enumerable.Range(0, Devices).Select(device => LoadAsync(gateway.SmtpPort, device, mails)));
        }
        var calls = DiskCalls.Read(File.ReadLines(work.In("calls")), gateway.DataPath);
        Assert.Equal(Devices * MailsEach, calls.OfType<DiskCall.Promised>().Count());
        var seed = Environment.GetEnvironmentVariable("DEVICEMAIL_SEED") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : Random.Shared.Next();
        var chance = new Random(seed);
        var cuts = Enumerable.Range(0, Cuts).Select(_ => chance.Next(calls.Count + 1)).ToHashSet();
        var promised = new List<long>();
        var faults = new List<string>();
        for (var at = 0; at <= calls.Count; at++)
        {
            if (cuts.Contains(at)) faults.AddRange(await AfterCutAsync(disk, gateway.DataPath, work.In($"cut-{at}"), chance, promised, mails, at));
            if (at == calls.Count) break;
            disk.Do(calls[at]);
            if (calls[at] is DiskCall.Promised promise) promised.Add(promise.JobId);
        }
        Assert.True(faults.Count == 0, $"seed {seed}:{Environment.NewLine}{string.Join(Environment.NewLine, faults.Take(20))}");
    }

    private static async Task LoadAsync(int port, int device, ConcurrentDictionary<long, (string Subject, string Text)> mails)
    {
        using var client = await MailDevice.ConnectAsync(port);
        for (var i = 0; i < MailsEach; i++)
        {
            // Most lie in the journal; one in ten is so large that it gets a file.
            var (subject, lines) = ($"{device}-{i}", i % 10 == 9 ? 8_000 : 30);
            var text = string.Concat(Enumerable.Range(0, lines).Select(_ => Convert.ToHexString(RandomNumberGenerator.GetBytes(20)) + "\r\n"));
            var reply = await MailDevice.HandInAsync(client, MailDevice.Message(subject, text), Anna);
            mails[long.Parse(reply.Split(' ')[^1], CultureInfo.InvariantCulture)] = (subject, text);
        }
    }

    private static async Task<List<string>> AfterCutAsync(
        SyncedDisk disk, string from, string to, Random chance, List<long> promised, ConcurrentDictionary<long, (string Subject, string Text)> mails, int at)
    {
        disk.Leave(from, to, chance);
        var faults = new List<string>();
        try
        {
            using var data = DataFolder.Open(to);
            await using var database = new Database(data, TimeProvider.System, NullLogger<Database>.Instance);
            using var journal = new Journal(data, TimeProvider.System, NullLogger<Journal>.Instance);
            await using var queue = new MailQueue(
                new QueueStorage(database, journal), new SettingsStore(database), new GatewayMark(database), TimeProvider.System, NullLogger<MailQueue>.Instance);
            var sound = database.Read(session => session.First("PRAGMA integrity_check", row => row.Text(0)));
            if (sound != "ok") faults.Add($"cut {at}: the database says {sound}");
            faults.AddRange(promised.Select(id => WhyLost(queue, id, mails[id])).OfType<string>().Select(why => $"cut {at}: {why}"));
            var files = Directory.GetFiles(data.Spool).Select(Path.GetFileName).ToHashSet();
            files.ExceptWith(queue.List(new JobFilter(Count: 500)).Select(job => job.SpoolName));
            if (files.Count > 0) faults.Add($"cut {at}: {files.Count} files of no job in the spool");
        }
        catch (Exception fault) when (fault is StartRefusedException or StorageFailedException or IOException)
        {
            faults.Add($"cut {at}: {fault.Message}");
        }
        Directory.Delete(to, recursive: true);
        return faults;
    }

    /// <summary>Null when the mail is there, whole, or has been sent.</summary>
    private static string? WhyLost(MailQueue queue, long id, (string Subject, string Text) mail)
    {
        if (queue.Find(id) is not { } job) return $"job {id} is gone";
        if (job.Traits.Subject != mail.Subject) return $"job {id} is another mail";
        if (job.State == JobState.Sent) return null;
        try
        {
            using var body = queue.OpenBody(job);
            using var octets = new MemoryStream();
            body.CopyTo(octets);
            return octets.GetBuffer().AsSpan(0, (int)octets.Length).IndexOf(Encoding.ASCII.GetBytes(mail.Text)) >= 0 ? null : $"job {id} has lost its text";
        }
        catch (FileNotFoundException)
        {
            return $"the body of job {id} is gone";
        }
    }
}
