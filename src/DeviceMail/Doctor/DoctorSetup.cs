namespace DeviceMail.Doctor;

public static class DoctorSetup
{
    public static void MapDoctor(this WebApplication app) => app.MapExplain();
}
