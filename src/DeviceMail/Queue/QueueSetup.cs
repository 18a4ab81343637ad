using DeviceMail.Control;

namespace DeviceMail.Queue;

public static class QueueSetup
{
    public static void AddQueue(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<QueueStorage>();
        builder.Services.AddSingleton<GatewayMark>();
        builder.Services.AddSingleton<MailQueue>();
        builder.Services.AddSingleton<AcceptMail>(services => services.GetRequiredService<MailQueue>().Accept);
        builder.Services.AddSingleton<HasRoom>(services => services.GetRequiredService<MailQueue>().HasRoomFor);
        builder.Services.AddSingleton<JobViews>();
        builder.Services.AddHostedService<Housekeeping>();
    }

    public static void MapQueue(this WebApplication app)
    {
        app.MapJobs();
        JobControl.Map(app.ControlGroup());
    }
}
