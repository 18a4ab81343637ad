using System.IO.Pipelines;
using System.Text;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Devices;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Settings;

namespace DeviceMail.Sending;

/// <summary>
/// Tells the device's contact, else the administrator, that a mail was not delivered: to whom, why, what to do. The gateway's own notices are
/// never answered by another (RFC 3834).
/// </summary>
internal sealed partial class FailureNotice(
    MailQueue queue, NoticeParties parties, SettingsStore settings, TimeProvider time, ILogger<FailureNotice> log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        queue.Changed += OnChanged;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Changed -= OnChanged;
        return Task.CompletedTask;
    }

    private void OnChanged(Job job)
    {
        if (job.State == JobState.Failed && job.Origin.Protocol != "local") _ = SendAsync(job);
    }

    private async Task SendAsync(Job job)
    {
        var device = parties.Devices.All.FirstOrDefault(one => one.Id == job.Origin.DeviceId);
        var reader = device?.Contact ?? settings.Current.Get(SettingsCatalogue.AdministratorAddress);
        var account = parties.Accounts.Find(job.AccountId) ?? parties.Accounts.Default;
        if (reader is null || account is null)
        {
            LogNobody(job.Id);
            return;
        }
        var envelope = new Envelope { Sender = account.Address, Recipients = [reader], AccountId = account.Id, Origin = new Origin() };
        var text = Encoding.UTF8.GetBytes(Write(job, device?.Name, account.Address, reader));
        try
        {
            await queue.Accept(envelope, PipeReader.Create(new System.Buffers.ReadOnlySequence<byte>(text)), CancellationToken.None);
        }
        catch (Storage.StorageFailedException fault)
        {
            LogNotKept(job.Id, fault.Message);
        }
    }

    private string Write(Job job, string? device, MailAddress from, MailAddress to)
    {
        var problem = Problems.Find(job.Problem, job.ServerWords);
        var lines = new List<string>
        {
            $"From: DeviceMail <{from}>",
            $"To: <{to}>",
            $"Subject: Not delivered: mail {job.Id} of {job.ReceivedAt:yyyy-MM-dd HH:mm} UTC",
            $"Date: {time.GetUtcNow():ddd, dd MMM yyyy HH:mm:ss} +0000",
            "Auto-Submitted: auto-replied",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: 8bit",
            "",
            $"A mail that {(device is null ? "a device" : $"the device “{device}”")} handed in on {job.ReceivedAt:d MMMM yyyy} at {job.ReceivedAt:HH:mm} UTC could not be delivered.",
            "",
        };
        foreach (var recipient in job.Recipients)
            lines.Add($"  {recipient.Address}: {(recipient.State == RecipientState.Sent ? "delivered" : $"not delivered. The server said: {OneLine(recipient.ServerWords)}")}");
        lines.Add("");
        if (problem is not null) lines.AddRange([problem.Title + ".", problem.Cause, problem.Remedy, ""]);
        lines.Add($"The mail itself is kept for a while: on {settings.Current.GatewayName}, see Job/Status > Job Status, job {job.Id}.");
        return string.Join("\r\n", lines) + "\r\n";
    }

    private static string OneLine(string? words) => new([.. (words ?? "nothing").Select(c => char.IsControl(c) ? ' ' : c).Take(400)]);

    [LoggerMessage(LogLevel.Warning, "Job {JobId} was not delivered, and nobody can be told: its device has no contact, and no administrator's address is set")]
    private partial void LogNobody(long jobId);

    [LoggerMessage(LogLevel.Error, "The notice about job {JobId} could not be kept: {Reason}")]
    private partial void LogNotKept(long jobId, string reason);
}

/// <summary>Who a notice may be about and who sends it.</summary>
internal sealed record NoticeParties(AccountRegister Accounts, DeviceRegister Devices);
